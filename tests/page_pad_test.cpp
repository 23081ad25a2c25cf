#include "catch.h"
#include "page_fixture.h"
#include "web/app/examples.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

struct Box {
  int left = 28, right = -1, top = 28, bottom = -1;
  double x = 0, y = 0;  // centre of mass, in pixels
};

Box box_of(const Picture& picture) {
  Box box;
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
    const Box box = box_of(pad.picture());
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
  Picture picture(kPictureSize, 0.25F);
  Pad pad;
  pad.take({picture, 7, 5});
  CHECK(pad.picture() == picture);
  pad.begin_stroke({0.5F, 0.02F}, 0.03F, false);
  pad.extend_stroke({0.5F, 0.2F});
  CHECK(pad.picture()[2 * kPictureSide + 14] > 0.8F);
  CHECK(pad.picture()[20 * kPictureSide + 14] == 0.25F);
  CHECK(pad.taken()->label == 7);
  const int before = pad.revision();
  pad.undo();
  CHECK(pad.picture() == picture);
  CHECK(pad.revision() > before);
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
