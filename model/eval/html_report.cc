#include "model/eval/html_report.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <optional>

#include "model/eval/caption_words.h"
#include "model/eval/svg_plot.h"

namespace stillwatch::model {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--line:#8884;--bad:#c0392b;--good:#1e8449}
body{font:15px/1.45 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:2em}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3em .7em;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:1.2em}
.pair{border:1px solid var(--line);border-radius:6px;padding:.7em;overflow-wrap:anywhere}
.pictures{display:flex;gap:4px}.pictures figure{margin:0;flex:1;min-width:0}
.pictures img{width:100%;display:block}figcaption,.small{font-size:.8em;opacity:.75}
.said{font-weight:600}.bad{color:var(--bad)}.good{color:var(--good)}p{margin:.35em 0}
svg{max-width:100%;height:auto}
)";

std::string Base64(const std::string& bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool there = i + k <= bytes.size();  // The k-th digit needs k bytes of the three.
      out += there ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return out;
}

std::string Number(double value, int digits = 3) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string Percent(const Share& share) {
  if (share.of == 0) return "&ndash;";
  return Number(100 * share.value(), 1) + "&nbsp;% <span class=small>(" +
         std::to_string(share.right) + "/" + std::to_string(share.of) + ")</span>";
}

std::string Table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=scroll><table><tr>";
  for (const std::string& cell : header) html += "<th>" + cell + "</th>";
  html += "</tr>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + cell + "</td>";
    html += "</tr>";
  }
  return html + "</table></div>\n";
}

// Figures down, systems across: there are many figures and few systems.
std::string Figures(const std::vector<ReportRow>& rows) {
  std::vector<std::string> header = {""};
  for (const ReportRow& row : rows) header.push_back(EscapeXml(row.name));
  std::vector<std::vector<std::string>> table;
  const std::string none = "&ndash;";
  const auto add = [&](const std::string& name, auto value) {
    std::vector<std::string> cells = {name};
    bool any = false;
    for (const ReportRow& row : rows) {
      cells.push_back(value(row.summary));
      any = any || cells.back() != none;
    }
    if (any) table.push_back(std::move(cells));
  };
  add("pairs", [](const Summary& s) { return std::to_string(s.pairs); });
  for (std::size_t n = 0; n < 4; ++n) {
    add("BLEU-" + std::to_string(n + 1),
        [&](const Summary& s) { return s.captions ? Number(s.captions->bleu[n]) : none; });
  }
  add("METEOR", [&](const Summary& s) { return s.meteor ? Number(*s.meteor) : none; });
  add("ROUGE-L", [&](const Summary& s) { return s.captions ? Number(s.captions->rouge_l) : none; });
  add("CIDEr-D", [&](const Summary& s) { return s.captions ? Number(s.captions->cider) : none; });
  add("SPICE", [&](const Summary& s) { return s.spice ? Number(*s.spice) : none; });
  add("changed or not: AUC",
      [&](const Summary& s) { return s.verdict ? Number(s.verdict->auc) : none; });
  add("changed, called so",
      [&](const Summary& s) { return s.verdict ? Percent(s.verdict->called_changed) : none; });
  add("unchanged, called so",
      [&](const Summary& s) { return s.verdict ? Percent(s.verdict->called_unchanged) : none; });
  add("kind, of the changed", [](const Summary& s) { return Percent(s.words.kind); });
  add("kind, if told it changed", [](const Summary& s) { return Percent(s.words.kind_if_told); });
  add("noun", [](const Summary& s) { return Percent(s.words.noun); });
  add("noun or a fair synonym", [](const Summary& s) { return Percent(s.words.noun_fair); });
  add("colour, of those named", [](const Summary& s) { return Percent(s.words.color); });
  return Table(header, table);
}

std::string Confusion(const WordFigures& words) {
  if (words.confusion.empty()) return "";
  std::vector<std::string> said;
  for (const auto& [truth, row] : words.confusion) {
    said.push_back(truth);
    for (const auto& [kind, count] : row) said.push_back(kind);
  }
  std::sort(said.begin(), said.end());
  said.erase(std::unique(said.begin(), said.end()), said.end());
  std::vector<std::string> header = {"true kind \\ said"};
  header.insert(header.end(), said.begin(), said.end());
  std::vector<std::vector<std::string>> rows;
  for (const auto& [truth, row] : words.confusion) {
    std::vector<std::string> cells = {truth};
    for (const std::string& kind : said) {
      const auto found = row.find(kind);
      const std::string count = found == row.end() ? "" : std::to_string(found->second);
      cells.push_back(kind == truth ? "<b>" + count + "</b>" : count);
    }
    rows.push_back(std::move(cells));
  }
  return "<h2>Kinds</h2>\n" + Table(header, rows);
}

std::string Pair(const ReportInput& input, std::size_t place, const CaptionScore* score) {
  const EvalCase& c = input.cases[place];
  std::string html = "<div class=pair>";
  if (input.pictures) {
    const PairJpegs jpegs = input.pictures(place);
    html += "<div class=pictures>";
    for (const auto& [name, bytes] :
         {std::pair("reference", &jpegs.reference), std::pair("current", &jpegs.current)}) {
      if (bytes->empty()) continue;
      html += "<figure><img loading=lazy alt=\"" + std::string(name) +
              "\" src=\"data:image/jpeg;base64," + Base64(*bytes) + "\"><figcaption>" + name +
              "</figcaption></figure>";
    }
    html += "</div>";
  }
  if (c.caption) html += "<p class=said>&ldquo;" + EscapeXml(*c.caption) + "&rdquo;</p>";
  for (const std::string& reference : c.references) {
    html += "<p class=small>true: " + EscapeXml(reference) + "</p>";
  }
  html += "<p class=small>" + EscapeXml(c.id);
  if (c.told()) html += " &middot; true kind " + EscapeXml(c.kind);
  if (c.changed_probability) {
    const bool right = !c.told() || c.said_changed() == c.changed();
    html += " &middot; <span class=" + std::string(right ? "good" : "bad") + ">" +
            (c.said_changed() ? "said " + EscapeXml(c.said_kind.empty() ? "changed" : c.said_kind)
                              : std::string("said unchanged")) +
            ", P(changed) " + Number(*c.changed_probability, 2) + "</span>";
  }
  if (score != nullptr) {
    html +=
        " &middot; CIDEr-D " + Number(score->cider, 2) + ", ROUGE-L " + Number(score->rouge_l, 2);
  }
  return html + "</p></div>\n";
}

}  // namespace

std::string HtmlReport(const ReportInput& input) {
  const Summary none;
  const Summary& summary = input.rows.empty() ? none : input.rows.front().summary;
  std::string html =
      "<!doctype html>\n<html lang=en><meta charset=utf-8>"
      "<meta name=viewport content=\"width=device-width\">\n<title>" +
      EscapeXml(input.title) + "</title>\n<style>" + kStyle + "</style>\n<h1>" +
      EscapeXml(input.title) + "</h1>\n<p class=small>" + EscapeXml(input.notes) + "</p>\n" +
      Figures(input.rows);
  if (summary.verdict) {
    html += "<h2>Changed or not</h2>\n<p>";
    for (std::size_t i = 0; i < kFalseAlarmRates.size(); ++i) {
      html += (i == 0 ? "Found " : ", ") + Number(100 * summary.verdict->recall[i], 1) +
              "&nbsp;% of the changes at " + Number(100 * kFalseAlarmRates[i], 0) +
              "&nbsp;% false alarms";
    }
    html += ".</p>\n" + ReliabilitySvg(*summary.verdict);
  }
  html += Confusion(summary.words);

  std::vector<const CaptionScore*> scores(input.cases.size(), nullptr);
  if (summary.captions) {
    const CaptionCases captioned = CaptionCasesOf(input.cases);
    for (std::size_t i = 0; i < captioned.places.size(); ++i) {
      scores[captioned.places[i]] = &summary.captions->each[i];
    }
  }
  std::vector<std::size_t> wrong;
  std::vector<std::size_t> poor;
  for (std::size_t i = 0; i < input.cases.size(); ++i) {
    const EvalCase& c = input.cases[i];
    if (c.told() && c.changed_probability && c.said_changed() != c.changed()) wrong.push_back(i);
    if (scores[i] != nullptr) poor.push_back(i);
  }
  const auto sureness = [&input](std::size_t i) {
    return std::abs(*input.cases[i].changed_probability - 0.5);
  };
  std::stable_sort(wrong.begin(), wrong.end(),
                   [&](std::size_t a, std::size_t b) { return sureness(a) > sureness(b); });
  std::stable_sort(poor.begin(), poor.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(scores[a]->cider, scores[a]->rouge_l) <
           std::pair(scores[b]->cider, scores[b]->rouge_l);
  });
  for (const auto& [name, places] : {std::pair("Wrong verdicts, the surest first", &wrong),
                                     std::pair("Worst captions", &poor)}) {
    if (places->empty()) continue;
    const std::size_t shown = std::min(input.worst, places->size());
    html += "<h2>" + std::string(name) + " <span class=small>(" + std::to_string(shown) + " of " +
            std::to_string(places->size()) + ")</span></h2>\n<div class=pairs>\n";
    for (std::size_t i = 0; i < shown; ++i) {
      html += Pair(input, (*places)[i], scores[(*places)[i]]);
    }
    html += "</div>\n";
  }
  return html + "</html>\n";
}

}  // namespace stillwatch::model
