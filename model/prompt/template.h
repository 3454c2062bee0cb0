// RenderTemplate: the part of Jinja that chat templates of LLaVA-OneVision's family are written in.

#pragma once

#include <string>
#include <string_view>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Renders `source` with the variables of `context` (the text of a JSON object), as Hugging Face
// does: trim_blocks and lstrip_blocks on.
//
// Understood: text; {# #}; {{ }}; for .. in .. (if ..), if / elif / else, generation; strings,
// numbers, + and ~, == != in, and or not, is (not) defined / string / none, a.b, a['b'], a[0],
// loop.first / last / index0, the filters selectattr(name, 'equalto', value), trim and length.
// Anything else is kInvalidArgument naming it: a prompt that is nearly right is worse than none.
// Work is bounded, whatever the template says.  Thread-safe.
[[nodiscard]] Result<std::string> RenderTemplate(std::string_view source, std::string_view context);

}  // namespace stillwatch::model
