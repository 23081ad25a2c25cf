// The pictures: the attack sheet and the curves, by what must stand where.
#include "pictures/sheet.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.h"
#include "pictures/curves.h"

using namespace inoculate;

namespace {

constexpr Color kPaper{250, 249, 246};
constexpr Color kWrong{200, 54, 44};
constexpr Color kRight{31, 122, 92};
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Where a sheet with a title of one line and ten digits has its tiles.
constexpr int kTile = 112;
constexpr int kFirstX = 224;
constexpr int kStride = 128;
constexpr int kOriginalY = 190;
constexpr int kPerturbationY = kOriginalY + kTile + 68;
constexpr int kAdversaryY = kPerturbationY + kTile + 24;

/// A black digit with one white pixel in column 3 of row 5; the attack lightens its neighbour on
/// the right by 0.1 and darkens the white pixel by 0.05.
SheetEntry entry(int label, int before, int after) {
  SheetEntry e;
  e.original.assign(ImageForm().size(), 0.0f);
  e.original[5 * 28 + 3] = 1.0f;
  e.adversary = e.original;
  e.adversary[5 * 28 + 3] -= 0.05f;
  e.adversary[5 * 28 + 4] += 0.1f;
  e.label = label;
  e.predicted_before = before;
  e.confidence_before = 0.998f;
  e.predicted_after = after;
  e.confidence_after = 0.73f;
  return e;
}

Sheet ten() {
  Sheet sheet{"FGSM against SimpleCNN", "epsilon 0.1", {}};
  for (int i = 0; i < 10; ++i) sheet.entries.push_back(entry(i, i, i % 2 == 0 ? (i + 1) % 10 : i));
  return sheet;
}

/// The pixel in the middle of cell (column, row) of a digit whose tile begins at (x, y).
Color cell(const Canvas& canvas, int x, int y, int column, int row) {
  return canvas.at(x + 4 * column + 2, y + 4 * row + 2);
}

/// Whether a border of `width` pixels around the whole picture is bare.
bool margin_is_bare(const Canvas& canvas, int width) {
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      const bool inside =
          x >= width && y >= width && x < canvas.width() - width && y < canvas.height() - width;
      if (!inside && !(canvas.at(x, y) == kPaper)) return false;
    }
  }
  return true;
}

int count_color(const Canvas& canvas, const Rect& area, Color color) {
  int count = 0;
  for (int y = area.y; y < area.y + area.height; ++y) {
    for (int x = area.x; x < area.x + area.width; ++x) count += canvas.at(x, y) == color ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("A sheet shows each digit, its perturbation and its adversary", "[sheet]") {
  const Canvas canvas = draw_sheet(ten());
  CHECK(canvas.width() == 1536);
  CHECK(canvas.height() == 768);
  for (int i = 0; i < 10; ++i) {
    const int x = kFirstX + i * kStride;
    CHECK(cell(canvas, x, kOriginalY, 3, 5) == Color{255, 255, 255});
    CHECK(cell(canvas, x, kOriginalY, 4, 5) == Color{0, 0, 0});
    CHECK(canvas.at(x, kOriginalY) == Color{0, 0, 0});
    CHECK(canvas.at(x - 1, kOriginalY) == kPaper);
    CHECK(canvas.at(x + kTile - 1, kOriginalY + kTile - 1) == Color{0, 0, 0});
    CHECK(canvas.at(x + kTile, kOriginalY + kTile - 1) == kPaper);

    CHECK(cell(canvas, x, kPerturbationY, 10, 10) == Color{255, 255, 255});
    const Color lighter = cell(canvas, x, kPerturbationY, 4, 5);
    const Color darker = cell(canvas, x, kPerturbationY, 3, 5);
    CHECK(lighter == Color{217, 92, 78});             // The largest change: the scale's red end.
    CHECK(std::abs(darker.r - (255 + 68) / 2) <= 1);  // Half of it, towards blue.
    CHECK(std::abs(darker.b - (255 + 190) / 2) <= 1);

    CHECK(cell(canvas, x, kAdversaryY, 3, 5) == Color{242, 242, 242});
    CHECK(cell(canvas, x, kAdversaryY, 4, 5) == Color{26, 26, 26});
  }
}

TEST_CASE("A fooled network is framed in red, a right one is not", "[sheet]") {
  Sheet sheet = ten();
  sheet.entries[2].predicted_before = 7;  // Wrong before and after: nobody was fooled.
  const Canvas canvas = draw_sheet(sheet);
  for (int i = 0; i < 10; ++i) {
    const int x = kFirstX + i * kStride;
    const bool wrong_after = i % 2 == 0;
    const bool fooled = wrong_after && i != 2;
    INFO("digit " << i);
    CHECK(canvas.at(x - 2, kAdversaryY + 50) == (fooled ? kWrong : kPaper));
    CHECK(canvas.at(x + kTile + 1, kAdversaryY + 50) == (fooled ? kWrong : kPaper));
    CHECK(canvas.at(x - 2, kOriginalY + 50) == kPaper);

    const auto badge = [&](int y) { return Rect{x, y + kTile + 12, kTile, 32}; };
    const int before_wrong = count_color(canvas, badge(kOriginalY), kWrong);
    const int before_right = count_color(canvas, badge(kOriginalY), kRight);
    CHECK((before_wrong > 200) == (i == 2));
    CHECK((before_right > 200) == (i != 2));
    CHECK((count_color(canvas, badge(kAdversaryY), kWrong) > 200) == wrong_after);
    CHECK((count_color(canvas, badge(kAdversaryY), kRight) > 200) == !wrong_after);
  }
}

TEST_CASE("Nothing on a sheet is cut off, whatever its words and numbers", "[sheet]") {
  std::string many_words;
  for (int i = 0; i < 80; ++i) many_words += "projected gradient descent ";
  for (const int count : {0, 1, 2, 5, 8, 9, 10}) {
    Sheet sheet{many_words, many_words, {}};
    for (int i = 0; i < count; ++i) {
      sheet.entries.push_back(entry(i, 9, 8));
      sheet.entries.back().confidence_before = 1.0f;
    }
    const Canvas canvas = draw_sheet(sheet);
    INFO(count << " digits");
    CHECK(margin_is_bare(canvas, 36));
    CHECK(canvas.width() <= 1600);
  }
}

TEST_CASE("More digits than a sheet holds are left out", "[sheet]") {
  Sheet sheet = ten();
  const Canvas canvas = draw_sheet(sheet);
  sheet.entries.push_back(entry(1, 1, 2));
  CHECK(draw_sheet(sheet).pixels() == canvas.pixels());
}

TEST_CASE("A confidence is not rounded up to certainty", "[sheet]") {
  // Below the first original: a disc 28 wide, a gap of 7, then the words, centred as one.
  const auto shows = [](float confidence, const std::string& words) {
    Sheet sheet = ten();
    sheet.entries[0].confidence_before = confidence;
    const Canvas drawn = draw_sheet(sheet);
    Canvas expected(drawn.width(), drawn.height(), kPaper);
    const float width = text_width(words, 15);
    const float left = kFirstX + (kTile - (28 + 7 + width)) / 2 + 28 + 7;
    expected.text({left, kOriginalY + kTile + 28 + 5.5f}, words, 15, kRight);
    for (int y = kOriginalY + kTile + 14; y < kOriginalY + kTile + 42; ++y) {
      for (int x = static_cast<int>(left) - 2; x < kFirstX + kTile; ++x) {
        if (!(drawn.at(x, y) == expected.at(x, y))) return false;
      }
    }
    return true;
  };
  CHECK(shows(1.0f, ">99.9 %"));
  CHECK(shows(0.9996f, ">99.9 %"));
  CHECK(shows(0.9994f, "99.9 %"));
  CHECK(shows(0.1234f, "12.3 %"));
  CHECK(!shows(0.1234f, "12.4 %"));
}

TEST_CASE("Values beyond black and white are shown cut", "[sheet]") {
  Sheet sheet = ten();
  sheet.entries[0].adversary[0] = -0.1f;
  sheet.entries[0].adversary[1] = 1.1f;
  const Canvas canvas = draw_sheet(sheet);
  CHECK(cell(canvas, kFirstX, kAdversaryY, 0, 0) == Color{0, 0, 0});
  CHECK(cell(canvas, kFirstX, kAdversaryY, 1, 0) == Color{255, 255, 255});
}

TEST_CASE("Broken numbers make a picture and not a crash", "[sheet]") {
  Sheet sheet = ten();
  sheet.entries[0].adversary[0] = kNaN;
  sheet.entries[0].original[1] = kNaN;
  sheet.entries[1].adversary[0] = HUGE_VALF;
  sheet.entries[2].adversary[0] = -3e38f;
  sheet.entries[3].confidence_after = kNaN;
  sheet.entries[4].confidence_after = HUGE_VALF;
  CHECK(margin_is_bare(draw_sheet(sheet), 36));

  Sheet unchanged = ten();
  for (auto& e : unchanged.entries) e.adversary = e.original;
  const Canvas canvas = draw_sheet(unchanged);
  CHECK(cell(canvas, kFirstX, kPerturbationY, 4, 5) == Color{255, 255, 255});
}

namespace {

constexpr Color kFirstColor{0, 104, 168};
constexpr Color kSecondColor{204, 84, 0};

/// Rows in which `color` is drawn across at least half of a plot.
std::vector<int> full_rows(const Canvas& canvas, Color color) {
  std::vector<int> rows;
  for (int y = 0; y < canvas.height(); ++y) {
    if (count_color(canvas, {0, y, canvas.width(), 1}, color) > 200) rows.push_back(y);
  }
  return rows;
}

}  // namespace

TEST_CASE("A level curve lies where its axis says", "[curves]") {
  // The plot is 310 pixels high and begins 120 pixels from the top.
  for (const double level : {0.0, 0.25, 0.5, 1.0}) {
    const Chart chart{"t", "x", "y", {{"a", {level, level, level}, {}}}, {{0.0, 1.0}}, false};
    const auto rows = full_rows(draw_charts({chart}), kFirstColor);
    INFO("level " << level);
    REQUIRE(!rows.empty());
    for (const int row : rows) CHECK(std::abs(row + 0.5 - (120 + 310 * (1 - level))) <= 1.2);
  }
  // Half way between 0.01 and 1 on a logarithmic axis lies 0.1.
  const Chart log{"t", "x", "y", {{"a", {0.1, 0.1}, {}}}, {{0.01, 1.0}}, true};
  const auto rows = full_rows(draw_charts({log}), kFirstColor);
  REQUIRE(!rows.empty());
  for (const int row : rows) CHECK(std::abs(row + 0.5 - (120 + 155)) <= 1.2);
}

TEST_CASE("Charts stand side by side with room for the names of their lines", "[curves]") {
  const Chart loss{
      "Loss", "epoch", "", {{"training", {3, 2, 1}, {}}, {"validation", {3, 2, 2}, {}}}, {}, false};
  const Canvas one = draw_charts({loss});
  const Canvas two = draw_charts({loss, loss});
  CHECK(two.height() == one.height());
  CHECK(two.width() == 2 * one.width() - 80 + 48);
  CHECK(draw_charts({loss, loss, loss, loss}).height() > 2 * one.height() - 80);
  CHECK(margin_is_bare(one, 39));
  CHECK(margin_is_bare(two, 39));
  Chart longer = loss;
  longer.curves[0].name = "validation on adversaries of the defended network";
  longer.title =
      "A title that is a good deal longer than any plot is wide, with more words to come "
      "than anybody would wish to read above a picture";
  CHECK(margin_is_bare(draw_charts({longer}), 39));
}

TEST_CASE("Names of lines that end together do not lie on each other", "[curves]") {
  Chart chart{"t", "x", "y", {}, {{0.0, 1.0}}, false};
  chart.curves.push_back({"aa", {0.5, 0.5}, {}});
  chart.curves.push_back({"aa", {0.5, 0.5}, {}});
  const Canvas canvas = draw_charts({chart});
  // Beside the plot, past the thin lines that lead to the names.
  const auto rows_of = [&](Color color) {
    std::pair<int, int> rows{canvas.height(), -1};
    for (int y = 100; y < 440; ++y) {
      if (count_color(canvas, {canvas.width() - 40 - 50, y, 50, 1}, color) == 0) continue;
      rows = {std::min(rows.first, y), std::max(rows.second, y)};
    }
    return rows;
  };
  const auto first = rows_of(kFirstColor);
  const auto second = rows_of(kSecondColor);
  REQUIRE(first.second >= 0);
  REQUIRE(second.second >= 0);
  CHECK((first.second < second.first || second.second < first.first));
}

TEST_CASE("Values outside the range given stay inside the plot", "[curves]") {
  const Chart chart{"", "", "", {{"", {-50, 50, 1e30, -1e30, 0.5}, {}}}, {{0.0, 1.0}}, false};
  const Canvas canvas = draw_charts({chart});
  CHECK(count_color(canvas, {0, 0, canvas.width(), 113}, kFirstColor) == 0);
  CHECK(count_color(canvas, {0, 437, canvas.width(), canvas.height() - 437}, kFirstColor) == 0);
}

TEST_CASE("Charts with few, odd or no values are drawn", "[curves]") {
  const double nan = std::nan("");
  const std::vector<Curve> odd = {
      {"none", {}, {}},
      {"one", {0.3}, {}},
      {"zero", {0, 0, 0}, {}},
      {"nan", {nan, nan}, {}},
      {"gap", {1, nan, 2, HUGE_VAL, 3}, {}},
      {"tiny", {1e-300, 1e-299}, {}},
      {"huge", {1e99, -1e99}, {}},
      {"close", {1, std::nextafter(1.0, 2.0)}, {}},
      {"x", {1, 2, 3}, {0.05, 0.1, nan}},
      {"wide x", {1, 2}, {-1e90, 1e90}},
      {"same x", {1, 2}, {4, 4}},
      {"negative", {-5, -3, -1e-9}, {}},
  };
  for (const bool log : {false, true}) {
    for (const Curve& curve : odd) {
      INFO(curve.name << (log ? " on a logarithmic axis" : ""));
      const Canvas canvas = draw_charts({{"t", "x", "y", {curve}, {}, log}});
      CHECK(canvas.width() > 300);
      CHECK(canvas.width() < 2000);
    }
    draw_charts({{"t", "x", "y", odd, {}, log}});
  }
  CHECK(margin_is_bare(draw_charts({}), 100));
}

TEST_CASE("A sheet shows images of any size in colour, with the names of their classes",
          "[sheet]") {
  Sheet sheet{"PGD", "epsilon 4/255", {}};
  sheet.form = {300, 400, 3};  // wider than a tile: brought to 224 by 168
  sheet.class_names = {"tench", "a goldfish with a name that is longer than any tile is wide"};
  for (int i = 0; i < 3; ++i) {
    SheetEntry e;
    e.original.assign(sheet.form.size(), 0.2F);
    for (std::size_t k = 0; k < e.original.size(); k += 3) e.original[k] = 0.8F;
    e.adversary = e.original;
    for (std::size_t k = 1; k < e.adversary.size(); k += 3) e.adversary[k] += 0.1F;
    for (std::size_t k = 2; k < e.adversary.size(); k += 3) e.adversary[k] -= 0.05F;
    e.predicted_after = 1;
    sheet.entries.push_back(std::move(e));
  }
  const Canvas canvas = draw_sheet(sheet);
  CHECK(margin_is_bare(canvas, 36));
  const int x = kFirstX + 100, original = kOriginalY + 80;
  CHECK(canvas.at(x, original) == Color{204, 51, 51});
  // Each channel around a middle grey: none, all and half of the scale.
  const Color change = canvas.at(x, original + 168 + 68);
  CHECK(std::abs(change.r - 128) <= 1);
  CHECK(change.g == 255);
  CHECK(std::abs(change.b - 64) <= 1);
  CHECK(canvas.at(kFirstX - 2, original + 2 * 168 + 68 + 24) == kWrong);

  const Rect small = tile_for({32, 32, 3}, 140), row = tile_for({1, 64, 1}, 140);
  CHECK(small.width == 128);
  CHECK(row.width == 128);
  CHECK(row.height == 2);
  CHECK(tile_for({224, 224, 3}, 140).width == 224);
  CHECK(tile_for({3, 4000, 1}, 140).height == 1);

  // Without true labels nothing is said of right and wrong.
  sheet.labelled = false;
  CHECK(margin_is_bare(draw_sheet(sheet), 36));
}
