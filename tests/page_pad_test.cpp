#include "base/error.h"
#include "catch.h"
#include "page_fixture.h"
#include "web/app/examples.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

struct Extent {
  int left = 28, right = -1, top = 28, bottom = -1;
  double x = 0, y = 0;  // centre of mass, in pixels
};

Extent extent_of(const Picture& picture) {
  Extent box;
  double mass = 0;
  for (int y = 0; y < kPictureSide; ++y) {
    for (int x = 0; x < kPictureSide; ++x) {
      const double value = picture[static_cast<std::size_t>(y * kPictureSide + x)];
      if (value == 0) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y);
      mass += value;
      box.x += value * (x + 0.5);
      box.y += value * (y + 0.5);
    }
  }
  box.x /= mass;
  box.y /= mass;
  return box;
}

}  // namespace

TEST_CASE("a drawing is scaled to 20 x 20 and centred by its mass, wherever it stands") {
  for (const PadPoint by : {PadPoint{0, 0}, PadPoint{-0.25F, 0.15F}, PadPoint{0.2F, -0.2F}}) {
    std::vector<Stroke> strokes = drawn_seven();
    for (PadPoint& point : strokes[0].points) point = {point.x + by.x, point.y + by.y};
    Pad pad;
    pad.draw_over(strokes);
    const Extent box = extent_of(pad.picture());
    CHECK(std::max(box.right - box.left, box.bottom - box.top) + 1 == 20);
    CHECK(std::abs(box.x - 14) <= 0.5);
    CHECK(std::abs(box.y - 14) <= 0.5);
  }
}

TEST_CASE("ink along the edge of the pad is no dark paper") {
  Pad pad;
  pad.draw_over({{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}, 0.08F, false}});
  CHECK(pad.picture()[14 * kPictureSide + 14] == 0);
  CHECK(pad.picture()[4 * kPictureSide + 14] > 0.9F);
}

TEST_CASE("the example gives way to whatever the visitor does, and does not come back") {
  Pad pad;
  pad.show_example(example_drawing());
  CHECK(pad.is_example());
  CHECK_FALSE(pad.empty());
  CHECK_FALSE(pad.can_undo());
  pad.begin_stroke({0.5F, 0.5F}, 0.05F, false);
  CHECK_FALSE(pad.is_example());
  CHECK(pad.strokes().size() == 1);
  pad.undo();
  CHECK(pad.empty());
  CHECK_FALSE(pad.is_example());
  pad.show_example(example_drawing());
  pad.clear();
  CHECK(pad.empty());
}

TEST_CASE("undo takes back strokes, clearing and taking") {
  Pad pad;
  pad.begin_stroke({0.5F, 0.2F}, 0.05F, false);
  pad.extend_stroke({0.5F, 0.8F});
  const Picture one = pad.picture();
  pad.begin_stroke({0.2F, 0.5F}, 0.05F, false);
  pad.extend_stroke({0.8F, 0.5F});
  pad.clear();
  CHECK(pad.empty());
  pad.take({Picture(kPictureSize, 0.5F), 3, {}});
  REQUIRE(pad.taken());
  pad.undo();
  CHECK(pad.empty());
  pad.undo();
  CHECK(pad.strokes().size() == 2);
  pad.undo();
  CHECK(pad.picture() == one);
  pad.undo();
  CHECK(pad.empty());
  CHECK_FALSE(pad.can_undo());
  pad.undo();
  CHECK(pad.empty());
}

TEST_CASE("a taken picture is seen as it is, and strokes change it only where they fall") {
  constexpr float kGrey = 64.0F / 255;
  Picture picture(kPictureSize, kGrey);
  Pad pad;
  pad.take({picture, 7, 5});
  CHECK(pad.picture() == picture);
  pad.begin_stroke({0.5F, 0.02F}, 0.03F, false);
  pad.extend_stroke({0.5F, 0.2F});
  CHECK(pad.picture()[2 * kPictureSide + 14] > 0.8F);
  CHECK(pad.picture()[20 * kPictureSide + 14] == kGrey);
  CHECK(pad.taken()->label == 7);
  const int before = pad.revision();
  pad.undo();
  CHECK(pad.picture() == picture);
  CHECK(pad.revision() > before);
}

TEST_CASE("what the network sees has the 256 levels of a saved picture") {
  Pad drawn, over;
  drawn.draw_over(drawn_seven());
  over.take({Picture(kPictureSize, 0), 7, 5});
  over.draw_over(drawn_seven());
  for (const Pad* pad : {&drawn, &over}) {
    CHECK(pad->picture() == picture_of(to_bytes(pad->picture())));
    CHECK_FALSE(pad->empty());
  }
}

TEST_CASE("points outside the pad are moved to its edge") {
  Pad pad;
  pad.begin_stroke({-3, 0.5F}, 0.05F, false);
  pad.extend_stroke({7, 1e30F});
  CHECK(pad.strokes()[0].points == std::vector<PadPoint>{{0, 0.5F}, {1, 1}});
}

TEST_CASE("a pad drawn on and erased again is empty") {
  Pad pad;
  pad.begin_stroke({0.5F, 0.5F}, 0.03F, false);
  pad.begin_stroke({0.5F, 0.5F}, 0.08F, true);
  CHECK(pad.empty());
}

TEST_CASE("what is drawn point by point is what drawing it all at once gives") {
  for (const bool over_picture : {false, true}) {
    Pad by_point, at_once;
    if (over_picture) {
      for (Pad* pad : {&by_point, &at_once}) pad->take({Picture(kPictureSize, 0.5F), {}, {}});
    }
    std::vector<Stroke> strokes = drawn_seven();
    strokes.push_back({{{0.2F, 0.6F}, {0.9F, 0.5F}}, 0.03F, true});
    for (const Stroke& stroke : strokes) {
      by_point.begin_stroke(stroke.points[0], stroke.radius, stroke.erase);
      for (const PadPoint& point : stroke.points) by_point.extend_stroke(point);
    }
    at_once.draw_over(strokes);
    CHECK(by_point.picture() == at_once.picture());
    by_point.undo();
    at_once.undo();
    at_once.draw_over(drawn_seven());
    CHECK(by_point.picture() == at_once.picture());
  }
}

TEST_CASE("the pad takes as many strokes, points and ink as a link, and says when it is full") {
  Pad strokes;
  for (std::size_t i = 0; i < kMostStrokes; ++i)
    CHECK(strokes.begin_stroke({0.5F, 0.5F}, 0.02F, false));
  const int revision = strokes.revision();
  CHECK_FALSE(strokes.begin_stroke({0.1F, 0.5F}, 0.02F, false));
  CHECK(strokes.revision() == revision);
  CHECK(strokes.strokes().size() == kMostStrokes);
  CHECK_THROWS_AS(strokes.draw_over(drawn_seven()), Error);
  strokes.undo();
  CHECK(strokes.begin_stroke({0.1F, 0.5F}, 0.02F, false));

  Pad points;
  Stroke many;
  many.radius = 0.02F;
  for (std::size_t i = 0; i < kMostPoints; ++i) {
    many.points.push_back({0.5F + 0.01F * static_cast<float>(i % 2), 0.5F});
  }
  points.draw_over({many});
  CHECK_FALSE(points.extend_stroke({0.2F, 0.2F}));
  CHECK_FALSE(points.begin_stroke({0.2F, 0.2F}, 0.02F, false));

  Pad ink;
  Stroke far;
  far.radius = 0.02F;
  for (int i = 0; i < 1000; ++i) far.points.push_back({static_cast<float>(i % 2), 0.5F});
  ink.draw_over({far});
  CHECK(ink.extend_stroke({0, 0.5F}));        // 1,000 sides
  CHECK_FALSE(ink.extend_stroke({1, 0.5F}));  // and no more
  far.points.resize(1003, {0.5F, 0.5F});
  for (std::size_t i = 1000; i < 1003; ++i) far.points[i] = {static_cast<float>(i % 2), 0.5F};
  CHECK_THROWS_AS(Pad().draw_over({far}), Error);
}

TEST_CASE("a stroke that was none leaves the pad as it was, an example too") {
  Pad pad;
  pad.show_example(drawn_seven());
  const Picture example = pad.picture();
  REQUIRE(pad.begin_stroke({0.2F, 0.2F}, 0.05F, false));
  CHECK_FALSE(pad.is_example());
  pad.abandon_stroke();
  CHECK(pad.is_example());
  CHECK(pad.picture() == example);
  CHECK_FALSE(pad.can_undo());
  pad.clear();
  pad.draw_over(drawn_seven());
  const Picture drawn = pad.picture();
  REQUIRE(pad.begin_stroke({0.2F, 0.2F}, 0.05F, false));
  pad.abandon_stroke();
  CHECK(pad.picture() == drawn);
  CHECK(pad.strokes().size() == 1);
}
