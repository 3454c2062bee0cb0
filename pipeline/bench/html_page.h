// HtmlPage: the look of the report, and the small parts it is made of.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/event.h"

namespace stillwatch::bench {

// & < > and quotes as entities.
std::string Escaped(std::string_view text);

// The page around `body`, with all styles in it.
std::string Page(const std::string& title, const std::string& body);

// Rules that show a JPEG as the background of class `name`: one copy, however often it is shown.
std::string PictureStyle(const std::string& name, std::string_view jpeg);

struct Overlay {
  Region box{};
  const char* style = "found";  // Or "listed".
};

// The whole picture with boxes on it.  `aspect` is width over height.
std::string WholePicture(const std::string& name, double aspect, const std::string& label,
                         const std::vector<Overlay>& overlays);

// What is inside `box` and around it, enlarged.
std::string Detail(const std::string& name, double aspect, const std::string& label,
                   const Region& box);

}  // namespace stillwatch::bench
