// Pieces of pages, and words for a shell.
#include <array>
#include <cstdio>
#include <string>

#include "catch.h"
#include "html_check.h"
#include "native/html.h"
#include "native/shell.h"
#include "native/svg_chart.h"

using namespace inoculate;

namespace {

/// What a real shell makes of `words`: its first argument.
std::string shell_reads(const std::string& words) {
  std::FILE* pipe = ::popen(("printf %s " + words).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 256> buffer{};
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), got);
  }
  CHECK(::pclose(pipe) == 0);
  return text;
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("what comes from outside is text and no markup") {
  CHECK(escape("plain, 0.5 %") == "plain, 0.5 %");
  CHECK(escape("<b a=\"1\" c='2'>&amp;") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  CHECK(escape("Zürich 数字 🙂") == "Zürich 数字 🙂");
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(escape(std::string("a\0b\n\x1b\x7f", 6)) ==
        "a" + replaced + "b" + replaced + replaced + replaced);
  // A lone byte, a sequence cut off, one longer than needed, a surrogate, beyond Unicode.
  CHECK(escape("\x80<") == replaced + "&lt;");
  CHECK(escape("\xE2\x82") == replaced + replaced);
  CHECK(escape("\xC0\xBC") == replaced + replaced);
  CHECK(escape("\xED\xA0\x80") == replaced + replaced + replaced);
  CHECK(escape("\xF4\x90\x80\x80") == replaced + replaced + replaced + replaced);
}

TEST_CASE("a picture stands in the page itself") {
  CHECK(png_uri(bytes_of("foobar")) == "data:image/png;base64,Zm9vYmFy");
}

TEST_CASE("a shell reads a quoted word back as it was") {
  CHECK(shell_quoted("/data/mnist-1.0") == "/data/mnist-1.0");
  for (const std::string word :
       {"", "two words", "it's", "$(touch x)", "`id`", "a;b|c>d<e&f", "*?[]", "\"", "\\",
        "new\nline", "~", "'", "''", "#no", "!!", "\xFF"}) {
    CAPTURE(word);
    // The dot keeps a newline at the end, and an empty word, from being lost.
    CHECK(shell_reads(shell_quoted(word + ".")) == word + ".");
    CHECK(shell_reads(shell_quoted(word)) == word);
  }
}

TEST_CASE("a chart is well-formed, whatever its curves are called and however many they are") {
  const std::vector<double> x{0, 0.1, 0.2, 0.3, 0.4};
  Chart chart{"A < B", "x", "y", {}, std::pair{0.0, 100.0}};
  for (int i = 0; i < 9; ++i) {
    chart.curves.push_back({"</text><script>" + std::string(80, 'x'), {99, 50, 20, 1, 0}, x});
  }
  const std::string svg = svg_chart(chart, {{0, 0.1, 40}, {1, 0.1, 30}}, {});
  CHECK(html_fault(svg).empty());
  CHECK(svg.find("<script") == std::string::npos);
  CHECK(svg.find("A &lt; B") != std::string::npos);
  CHECK(svg.find(std::string(80, 'x')) == std::string::npos);  // cut to the room there is
  CHECK(html_fault(svg_swatch(7)).empty());
}

TEST_CASE("the reader of pages finds faults") {
  CHECK(html_fault("<p class=\"a\">one &amp; two<br></p>").empty());
  for (const char* wrong : {"<p>", "</p>", "<p><b></p></b>", "<p class=a></p>", "a < b", "a > b",
                            "a & b", "<p title=\"<\"></p>"}) {
    CAPTURE(wrong);
    CHECK_FALSE(html_fault(wrong).empty());
  }
}

TEST_CASE("areas lie between a curve and the one below, and are named where there is room") {
  // The plot is 200 x 100, from (40, 30) on.
  const Chart chart{"Shares",
                    "epsilon",
                    "images, %",
                    {{"proven", {50, 0}, {0, 1}}, {"open", {75, 100}, {0, 1}}},
                    std::pair{0.0, 100.0}};
  const std::string svg = svg_areas(chart, {240, 174, 0});
  CHECK_THAT(svg, Catch::Contains(
                      "class=\"area b0\" points=\"40.0,80.0 240.0,130.0 240.0,130.0 40.0,130.0\""));
  CHECK_THAT(svg, Catch::Contains(
                      "class=\"area b1\" points=\"40.0,55.0 240.0,30.0 240.0,130.0 40.0,80.0\""));
  CHECK_THAT(svg, Catch::Contains(">open</text>"));
  CHECK_THAT(svg, !Catch::Contains(">proven</text>"));
}
