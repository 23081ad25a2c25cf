#include "base/error.h"
#include "catch.h"
#include "data/base64.h"
#include "page_fixture.h"
#include "random_data.h"
#include "web/app/link.h"

using namespace inoculate;
using namespace inoculate::page;

TEST_CASE("a link restores drawing, attack and line") {
  PageFixture from, to;
  from.draw_seven();
  from.app.attack = {"bim",
                     0.25F,
                     7,
                     800,
                     25,
                     3,
                     Loss::kMeanSquaredError,
                     42,
                     {{{{0.25F, 0.5F}, {0.75F, 0.5F}}, 0.02F, false}}};
  open_link(to.app, link_fragment(from.app));
  to.app.update();
  REQUIRE(to.app.attack.line.size() == 1);
  CHECK(to.app.attack.line[0].points[1].x == Approx(0.75).margin(1e-4));
  from.app.attack.line = to.app.attack.line;
  CHECK(to.app.attack == from.app.attack);
  REQUIRE(to.app.pad.strokes().size() == 1);
  CHECK(to.app.pad.strokes()[0].points.size() == 3);
  // Coordinates are kept to a 65,535th of the pad: the picture is the same to a grey level.
  for (std::size_t i = 0; i < kPictureSize; ++i) {
    CHECK(to.app.pad.picture()[i] == Approx(from.app.pad.picture()[i]).margin(1.01 / 255));
  }
  CHECK(link_fragment(to.app) == link_fragment(from.app));
}

TEST_CASE(
    "a link restores a digit of the sample, or the pixels themselves, and what was drawn over") {
  PageFixture from, to;
  from.app.set_digits(page_digits());
  to.app.set_digits(page_digits());
  from.app.take_digit(1234);
  from.app.pad.draw_over(drawn_seven());
  open_link(to.app, link_fragment(from.app));
  CHECK(to.app.pad.taken()->sample == 1234);
  CHECK(to.app.pad.strokes().size() == 1);

  Picture picture(kPictureSize);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<float>(i % 256) / 255;
  from.app.pad.take({picture, {}, {}});
  open_link(to.app, link_fragment(from.app));
  CHECK(to.app.pad.picture() == picture);
}

TEST_CASE("a damaged link is refused with a reason and changes nothing") {
  PageFixture page;
  page.app.set_digits(page_digits(20));
  page.draw_seven();
  const std::string sound = link_fragment(page.app);
  const Picture picture = page.app.pad.picture();
  const AttackSettings attack = page.app.attack;
  std::vector<std::string> damaged = {
      "",
      "v=2",
      "nonsense",
      "v=1&epsilon",
      "v=1&epsilon=",
      "v=1&epsilon=nan",
      "v=1&epsilon=1e99",
      "v=1&epsilon=-0.1",
      "v=1&epsilon=0.6",
      "v=1&epsilon=[0.1]",
      "v=1&method=magic",
      "v=1&method=<script>",
      "v=1&steps=0",
      "v=1&steps=1.5",
      "v=1&steps=1000000000",
      "v=1&target=10",
      "v=1&target=-1",
      "v=1&seed=-1",
      "v=1&seed=1e300",
      "v=1&loss=hinge",
      "v=1&unknown=1",
      "v=1&digit=20",
      "v=1&digit=-1",
      "v=1&digit=1x",
      "v=1&digit=99999999999999999999",
      "v=1&strokes=A",
      "v=1&strokes=!!!!",
      "v=1&strokes=AAAA",
      "v=1&strokes=MgD__w",
      "v=1&line=AAAA",
      "v=1&pixels=AAAA",
      "v=1&pixels=" + std::string(2000, 'A'),
      "v=1&strokes=" + std::string(300000, 'A'),
  };
  for (std::size_t cut = 5; cut + 1 < sound.size(); cut += 7) {
    const std::string part = sound.substr(0, cut);
    // Cut between two settings it is a sound link to less.
    if (sound[cut] != '&' && part.find("strokes=") != std::string::npos) damaged.push_back(part);
  }
  for (const std::string& fragment : damaged) {
    INFO(fragment.substr(0, 60));
    std::string message;
    try {
      open_link(page.app, fragment);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK_FALSE(message.empty());
    CHECK(message.find('\n') == std::string::npos);
    CHECK(page.app.pad.picture() == picture);
    CHECK(page.app.attack == attack);
  }
}

TEST_CASE("whatever the pad can hold makes a link that can be opened again") {
  PageFixture from, to;
  std::vector<Stroke> strokes;
  for (std::size_t i = 0; i < kMostStrokes; ++i) {
    Stroke stroke;
    stroke.radius = kThickestPen;
    // Alternately far apart and near, so that all three limits are reached together.
    for (std::size_t j = 0; j < kMostPoints / kMostStrokes; ++j) {
      stroke.points.push_back(
          {j < 2 ? static_cast<float>(j % 2) : 1.0F, 0.123F + 0.03F * static_cast<float>(j % 2)});
    }
    strokes.push_back(stroke);
  }
  from.app.pad.draw_over(strokes);
  std::vector<Stroke> lines(kMostStrokes, {{{0, 0}, {1, 1}}, kThickestPen / 2, false});
  from.app.attack.method = kLineAttack;
  from.app.attack.line = lines;
  const std::string fragment = link_fragment(from.app);
  CHECK(fragment.size() < 200000);
  open_link(to.app, fragment);
  CHECK(to.app.pad.strokes().size() == kMostStrokes);
  CHECK(to.app.attack.line.size() == kMostStrokes);
  CHECK(link_fragment(to.app) == fragment);
}

TEST_CASE("links that would hold the page up are refused") {
  PageFixture page;
  page.draw_seven();
  const Picture before = page.app.pad.picture();
  const auto link_to = [](std::size_t count, std::size_t points, unsigned radius, unsigned far) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) {
      append_le(bytes, static_cast<std::uint16_t>(radius));
      append_le(bytes, static_cast<std::uint16_t>(points));
      for (std::size_t j = 0; j < points; ++j) {
        append_le(bytes, static_cast<std::uint16_t>(j % 2 == 0 ? 0 : far));
        append_le(bytes, static_cast<std::uint16_t>(j % 2 == 0 ? 0 : far));
      }
    }
    return "v=1&strokes=" + to_base64url(bytes);
  };
  const std::pair<std::string, const char*> refused[] = {
      {link_to(501, 1, 45, 0), "too many strokes"},
      {link_to(1, 10001, 45, 1), "too many points"},
      {link_to(1, 1000, 45, 65535), "too long"},  // from corner to corner, 1,413 sides
      {link_to(1, 1, 500, 0), "wider"},
      {link_to(1, 37000, 45, 65535), "too many points"}};
  for (const auto& [fragment, reason] : refused) {
    std::string message;
    try {
      open_link(page.app, fragment);
    } catch (const Error& error) {
      message = error.what();
    }
    INFO(reason << ": " << message);
    CHECK(message.find(reason) != std::string::npos);
    CHECK(page.app.pad.picture() == before);
  }
}

TEST_CASE("random links are opened or refused, and nothing else") {
  PageFixture page;
  page.app.set_digits(page_digits(20));
  page.draw_seven();
  const std::string sound = link_fragment(page.app);
  RandomData random(15);
  constexpr std::string_view kLetters =
      "AZaz09-_&=v1.eE+[]{}\"%<>,:nultrefalsmethodpixksgi\xC3\xA9\x80";
  int opened = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string fragment = round % 2 == 0 ? sound : "v=1&";
    for (int i = 0; i <= random.below(8); ++i) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<int>(fragment.size()) + 1));
      const char letter = kLetters[static_cast<std::size_t>(random.below(kLetters.size()))];
      if (random.below(3) == 0 && at < fragment.size()) {
        fragment.erase(at, 1 + static_cast<std::size_t>(random.below(9)));
      } else if (random.below(2) == 0 && at < fragment.size()) {
        fragment[at] = letter;
      } else {
        fragment.insert(at, 1, letter);
      }
    }
    try {
      open_link(page.app, fragment);
      ++opened;
    } catch (const Error& error) {
      CHECK(std::string(error.what()).size() < 500);
    }
    for (const float value : page.app.pad.picture()) REQUIRE((value >= 0 && value <= 1));
  }
  CHECK(opened > 0);
  CHECK(opened < 3000);
}
