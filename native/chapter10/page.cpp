#include "native/chapter10/page.h"

#include "native/html.h"
#include "native/png.h"
#include "native/report_parts.h"
#include "native/report_style.h"
#include "native/text.h"
#include "native/version.h"

namespace inoculate {
namespace {

// What this page has beyond a report.
constexpr const char* kPageStyle = R"css(
.findings { list-style: none; padding: 0; margin: 1rem 0 1.6rem; max-width: 46rem; }
.findings li { margin: .55rem 0; padding-left: 8.2rem; position: relative; }
.findings strong { position: absolute; left: 0; font-weight: 650; }
.left-out { color: var(--quiet); }
figure.tall img { min-width: 0; }
nav ol { padding-left: 1.2rem; }
nav a { color: inherit; }
@media (max-width: 40rem) { .findings li { padding-left: 0; } .findings strong { position: static; display: block; } }
)css";

std::string contents(const std::vector<PagePart>& parts) {
  std::string list;
  for (const PagePart& part : parts) {
    list += element("li", element("a", escape(part.section->title),
                                  "href=\"#" + std::string(part.section->name) + "\"") +
                              " " + element("span", escape(part.section->book), "class=\"note\"")) +
            "\n";
  }
  return element("nav", element("ol", "\n" + list)) + "\n";
}

}  // namespace

std::string findings(const std::vector<std::pair<Finding, std::string>>& list) {
  std::string items;
  for (const auto& [finding, words] : list) {
    const char* name = finding == Finding::kHolds   ? "Holds"
                       : finding == Finding::kFails ? "Does not hold"
                                                    : "Left out";
    const char* kind = finding == Finding::kHolds   ? "class=\"quiet-bell\""
                       : finding == Finding::kFails ? "class=\"rings\""
                                                    : "class=\"left-out\"";
    items += element("li", element("strong", name, kind) + " " + words) + "\n";
  }
  return element("ul", "\n" + items, "class=\"findings\"") + "\n";
}

std::string page_figure(const Canvas& canvas, const std::string& words,
                        const std::string& caption) {
  const std::string image = "<img src=\"" + png_uri(write_png(canvas)) + "\" width=\"" +
                            std::to_string(canvas.width()) + "\" height=\"" +
                            std::to_string(canvas.height()) + "\" alt=\"" + escape(words) + "\">";
  return element("figure", "\n" + element("div", image, "class=\"scroll\" tabindex=\"0\"") + "\n" +
                               element("figcaption", caption) + "\n") +
         "\n";
}

std::string command_block(const std::vector<std::string>& commands) {
  std::string lines;
  for (const std::string& command : commands) lines += escape(command) + "\n";
  return element("pre", element("code", lines)) + "\n";
}

std::string chapter_page(const std::vector<PagePart>& parts, std::size_t wanted,
                         const ChapterScene& scene, const std::string& command) {
  std::string body;
  double seconds = 0;
  for (const PagePart& part : parts) {
    const ChapterSection& s = *part.section;
    body += element("section",
                    "\n" + element("h2", escape(s.title), "id=\"" + std::string(s.name) + "\"") +
                        "\n" + paragraph("In the book: " + escape(s.book), "kicker") + part.html +
                        paragraph("This section took " + fixed(part.seconds, 1) + " s.", "note")) +
            "\n";
    seconds += part.seconds;
  }
  std::string state = std::to_string(parts.size()) + " of " + std::to_string(wanted) +
                      " sections, " + duration_text(seconds) + " in all, seed " +
                      std::to_string(scene.seed);
  if (scene.quick)
    state +=
        "; made with --quick: a look at the page, whose figures are of too few "
        "images to be quoted";
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
         "data:; style-src 'unsafe-inline'\">\n" +
         element("title", "GANs in Action, chapter 10, made again") + "\n" +
         element("style", std::string(kReportStyle) + kPageStyle) +
         "\n</head>\n<body>\n<header>\n" +
         paragraph("Inoculate &middot; GANs in Action, chapter 10", "kicker") +
         element("h1", "Adversarial examples, made again") + "\n" +
         paragraph(
             "Each figure of the chapter beside ours: what holds, what does not, and what "
             "the text left out.",
             "lede") +
         paragraph(escape(state), "note") + contents(parts) + "</header>\n<main>\n" + body +
         section(heading("How to make it again") + command_block({command}) +
                 paragraph(escape(version_text()), "note") +
                 paragraph("J. Langr and V. Bok, <em>GANs in Action</em>, Manning, 2019, chapter "
                           "10. Networks and data are ours: the book's figures were made with "
                           "others, and are quoted to be compared in kind.",
                           "note")) +
         "</main>\n</body>\n</html>\n";
}

}  // namespace inoculate
