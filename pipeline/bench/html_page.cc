#include "pipeline/bench/html_page.h"

#include <algorithm>
#include <cstdio>

#include <glib.h>

namespace stillwatch::bench {
namespace {

constexpr const char* kStyle = R"(
:root{--bg:#f6f7f9;--card:#fff;--ink:#1d2430;--soft:#667085;--line:#dfe3ea;--bad:#c2372e;
--warn:#b26a00;--good:#1d7f4e;--mark:#ff3b30;--listed:#00b2ff}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--card:#1d2128;--ink:#e7eaf0;--soft:#98a2b3;
--line:#313742;--bad:#ff7b72;--warn:#e3a008;--good:#4cc38a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 80px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 10px}
p.note{color:var(--soft);margin:4px 0 0;max-width:90ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;
margin:18px 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:12px}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:500;border-top:0}th:first-child,td:first-child{text-align:left}
td.l,th.l{text-align:left}tr.sum td{font-weight:600}
a{color:inherit}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}
.case{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:12px 0;
padding:12px 14px;border-left:4px solid var(--soft)}
.case.miss{border-left-color:var(--warn)}.case.alarm{border-left-color:var(--bad)}
.case.right{border-left-color:var(--good)}
.case header{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:8px}
.case header b{font-size:15px}.case header span,.case .why{color:var(--soft)}
.case .why{margin:8px 0 0;font-size:12.5px}
.shots{display:grid;grid-template-columns:5fr 5fr 3fr 3fr;gap:8px;align-items:start}
@media(max-width:760px){.shots{grid-template-columns:1fr 1fr}}
figure{margin:0;position:relative}
figcaption{position:absolute;left:6px;top:6px;background:#000a;color:#fff;font-size:11px;
padding:1px 6px;border-radius:4px;z-index:2}
.shot{position:relative;width:100%;background-size:100% 100%;border-radius:6px;overflow:hidden}
.zoom{width:100%;border-radius:6px;background-repeat:no-repeat;overflow:hidden}
.box{position:absolute;border:2px solid var(--mark);border-radius:2px;box-shadow:0 0 0 1px #0008}
.box.listed{border:2px dashed var(--listed)}
)";

std::string Percent(double fraction) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f%%", 100 * fraction);
  return text;
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Page(const std::string& title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>" +
         Escaped(title) + "</title><style>" + kStyle + "</style></head><body><main>" + body +
         "</main></body></html>\n";
}

std::string PictureStyle(const std::string& name, std::string_view jpeg) {
  gchar* encoded = g_base64_encode(reinterpret_cast<const guchar*>(jpeg.data()), jpeg.size());
  std::string rule =
      "." + name + "{background-image:url(data:image/jpeg;base64," + encoded + ")}\n";
  g_free(encoded);
  return rule;
}

std::string WholePicture(const std::string& name, double aspect, const std::string& label,
                         const std::vector<Overlay>& overlays) {
  std::string out = "<figure><figcaption>" + Escaped(label) + "</figcaption><div class=\"shot " +
                    name + "\" style=\"aspect-ratio:" + Number(aspect) + "\">";
  for (const Overlay& overlay : overlays) {
    out += std::string("<div class=\"box ") + overlay.style +
           "\" style=\"left:" + Percent(overlay.box.x) + ";top:" + Percent(overlay.box.y) +
           ";width:" + Percent(overlay.box.w) + ";height:" + Percent(overlay.box.h) + "\"></div>";
  }
  return out + "</div></figure>";
}

std::string Detail(const std::string& name, double aspect, const std::string& label,
                   const Region& box) {
  // A square window of 1.6 times the longer side, at least 8 % of the picture, inside it.
  constexpr double kAround = 1.6, kLeast = 0.08;
  const double side = std::min(
      1.0, std::max({kLeast, kAround * box.w, kAround * box.h / aspect}));  // Of the width.
  const double w = side, h = std::min(1.0, side * aspect);
  const double x = std::clamp(box.x + box.w / 2 - w / 2, 0.0, 1 - w);
  const double y = std::clamp(box.y + box.h / 2 - h / 2, 0.0, 1 - h);
  const auto position = [](double at, double size) {
    return Percent(size < 1 ? at / (1 - size) : 0);
  };
  return "<figure><figcaption>" + Escaped(label) + "</figcaption><div class=\"zoom " + name +
         "\" style=\"aspect-ratio:" + Number(w * aspect / h) +
         ";background-size:" + Percent(1 / w) + " " + Percent(1 / h) +
         ";background-position:" + position(x, w) + " " + position(y, h) + "\"></div></figure>";
}

}  // namespace stillwatch::bench
