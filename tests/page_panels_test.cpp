// The panels without a window: ImGui lays them out, and we look where things are and press them.
#include <imgui.h>

#include <memory>

#include "catch.h"
#include "page_fixture.h"
#include "web/app/examples.h"
#include "web/panels/panels.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

struct Screen {
  PageFixture page;
  Ui ui;

  Screen(float width, float height, const Bytes& weights = quick_weights()) : page(weights) {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {width, height};
    io.DeltaTime = 1.0F / 60;
    ui.stacked = is_narrow(width);
    apply_style(1, ui.stacked);
    ui.fonts = load_fonts(1, 1);
    unsigned char* pixels = nullptr;
    int w = 0, h = 0;
    io.Fonts->GetTexDataAsAlpha8(&pixels, &w, &h);
    frames(3);
  }
  ~Screen() { ImGui::DestroyContext(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void frames(int count = 1) {
    for (int i = 0; i < count; ++i) {
      ImGui::NewFrame();
      page.app.update();
      draw_page(page.app, ui);
      ui.trail.clear();
      ImGui::Render();
    }
  }
  ImVec4 where(const char* name) {
    INFO(name);
    REQUIRE(ui.layout.contains(name));
    return ui.layout.at(name);
  }
  void move(float x, float y) {
    ImGui::GetIO().MousePos = {x, y};
    ui.trail.push_back({x, y});
    frames();
  }
  void press(bool down) {
    ImGui::GetIO().MouseDown[0] = down;
    frames();
  }
  void click(const char* name) {
    const ImVec4 r = where(name);
    move(r.x + r.z / 2, r.y + r.w / 2);
    press(true);
    press(false);
    frames(2);
  }
};

constexpr std::pair<float, float> kSizes[] = {{1280, 720}, {1920, 1080}, {1024, 768}, {390, 844}};

}  // namespace

TEST_CASE("everything is inside the page and nothing lies over anything else") {
  for (const auto& [width, height] : kSizes) {
    for (const char* method : {"fgsm", "bim", kLineAttack, "square", "jsma", "deepfool"}) {
      Screen screen(width, height);
      screen.page.app.set_digits(page_digits(1150));
      screen.page.app.attack.method = method;
      screen.page.draw_seven();
      screen.page.work();
      screen.frames(3);
      std::vector<std::pair<std::string, ImVec4>> parts;
      for (const auto& [name, r] : screen.ui.layout) {
        INFO(name << " at " << r.x << ", " << r.y << ": " << r.z << " x " << r.w);
        CHECK(r.x >= 0);
        CHECK(r.x + r.z <= width + 0.5F);
        // Panels hold the others; the methods and the line hold what lies on them.
        const bool holder = name == "draw" || name == "attack" || name == "inoculate" ||
                            name == "method" || name == "charts" || name == "inoculation_making";
        if (!holder) parts.emplace_back(name, r);
      }
      for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          const auto& [a, p] = parts[i];
          const auto& [b, q] = parts[j];
          const bool apart = p.x + p.z <= q.x + 0.5F || q.x + q.z <= p.x + 0.5F ||
                             p.y + p.w <= q.y + 0.5F || q.y + q.w <= p.y + 0.5F;
          INFO(a << " over " << b << " at " << width << ", " << method);
          CHECK(apart);
        }
      }
    }
  }
}

TEST_CASE("controls of a phone are made for fingers") {
  Screen screen(390, 844);
  for (const char* name : {"undo", "clear", "eraser", "digit_3", "any_digit", "help", "network"}) {
    CHECK(screen.where(name).w >= 36);
    CHECK(screen.where(name).z >= 36);
  }
}

TEST_CASE("the mouse draws on the pad, and every place it was at counts") {
  Screen screen(1280, 720);
  const ImVec4 pad = screen.where("pad");
  screen.move(pad.x + 0.2F * pad.z, pad.y + 0.5F * pad.w);
  screen.press(true);
  screen.ui.trail.push_back({pad.x + 0.5F * pad.z, pad.y + 0.2F * pad.w});
  screen.move(pad.x + 0.8F * pad.z, pad.y + 0.5F * pad.w);
  screen.press(false);
  REQUIRE(screen.page.app.pad.strokes().size() == 1);
  const std::vector<PadPoint>& points = screen.page.app.pad.strokes()[0].points;
  REQUIRE(points.size() == 3);
  CHECK(points[1].x == Approx(0.5).margin(0.01));
  CHECK(points[1].y == Approx(0.2).margin(0.01));
  CHECK(screen.page.app.reading());
  screen.click("undo");
  CHECK(screen.page.app.pad.empty());
}

TEST_CASE("buttons do what they say") {
  Screen screen(1280, 720);
  App& app = screen.page.app;
  app.set_digits(page_digits(1150));
  screen.page.draw_seven();
  screen.frames(2);
  screen.click("clear");
  CHECK(app.pad.empty());
  screen.click("digit_4");
  CHECK(app.pad.taken()->label == 4);
  screen.click("eraser");
  CHECK(app.pen.erase);
  screen.click("save_adversary");
  REQUIRE(screen.page.saved.size() == 1);
  CHECK(screen.page.saved[0].first == "adversary.png");
  screen.click("save_sheet");
  screen.click("save_weights");
  CHECK(screen.page.saved.size() == 3);
  screen.click("load_weights");
  CHECK(screen.page.asked_for_weights == 1);
  screen.click("open_picture");
  CHECK(screen.page.asked_for_picture == 1);
  screen.click("link");
  CHECK(screen.page.links.size() == 1);
  screen.click("inoculate_button");
  CHECK(app.experiments().running());
  screen.click("pause");
  CHECK(app.experiments().running()->paused);
  screen.click("stop");
  screen.page.work_once();
  CHECK_FALSE(app.experiments().running());
  screen.click("help");
  CHECK(screen.ui.overlays.help);
  screen.click("help_close");
  CHECK_FALSE(screen.ui.overlays.help);
}

TEST_CASE("the sliders set what they show") {
  Screen screen(1280, 720);
  screen.page.draw_seven();
  screen.frames(2);
  const ImVec4 epsilon = screen.where("epsilon");
  screen.move(epsilon.x + epsilon.z / 2, epsilon.y + epsilon.w / 2);
  screen.press(true);
  CHECK(screen.page.app.attack.epsilon == Approx(0.25).margin(0.02));
  screen.move(epsilon.x + 2 * epsilon.z, epsilon.y);
  CHECK(screen.page.app.attack.epsilon == Approx(0.5));
  screen.press(false);
  const ImVec4 sweep = screen.where("sweep");
  screen.move(sweep.x, sweep.y + sweep.w / 2);
  screen.press(true);
  screen.press(false);
  CHECK(screen.page.app.attack.epsilon == 0);
}

TEST_CASE("every panel is drawn in every state: empty, running, with results, with overlays") {
  for (const auto& [width, height] : kSizes) {
    Screen screen(width, height);
    App& app = screen.page.app;
    app.add_model("second", "Second", "Another.", quick_weights(2));
    app.set_digits(page_digits(1150));
    app.pad.show_example(example_drawing());
    screen.frames(2);
    app.take_random_digit(5);
    app.inoculation.count = 100;
    app.inoculation.epochs = 1;
    app.inoculate();
    for (int i = 0; i < 4; ++i) {
      screen.page.work_once();
      screen.frames();
    }
    app.experiments().pause(true);
    screen.frames(2);
    app.experiments().pause(false);
    screen.page.work();
    app.experiments().measure_robust_curves();
    screen.page.work();
    CHECK(app.experiments().robust_curves().size() == 3);  // both models, and the inoculated one
    for (screen.ui.chart = 0; screen.ui.chart < 3; ++screen.ui.chart) screen.frames(2);
    screen.ui.chart = 0;
    screen.frames(2);
    CHECK(screen.ui.layout.contains("before_after"));
    screen.ui.overlays.tour_step = 0;
    for (int i = 0; i < 6; ++i) {
      screen.frames(2);
      if (screen.ui.overlays.tour_step >= 0) screen.click("tour_next");
    }
    screen.frames();
    CHECK(screen.ui.overlays.tour_step == -1);
    screen.ui.overlays.help = true;
    app.notice = {"Something went wrong in a file with quite a long name.", true};
    screen.frames(2);
    const ImVec4 help = screen.where("help_panel");
    CHECK(help.y >= 0);
    CHECK(help.y + help.w <= height);
  }
}

TEST_CASE("each action has its own key, and a key without one does nothing") {
  PageFixture page;
  Overlays overlays;
  for (const Action& a : actions()) {
    int same = 0;
    for (const Action& b : actions()) same += a.key == b.key;
    INFO(a.what);
    CHECK(same == 1);
    CHECK((a.key < '0' || a.key > '9'));
  }
  CHECK_FALSE(press_key(page.app, overlays, '~'));
}

TEST_CASE("all keys can be pressed, with and without anything to act on") {
  PageFixture page;
  Overlays overlays;
  const auto press_all = [&] {
    for (const Action& action : actions()) {
      press_key(page.app, overlays, action.key);
      page.app.update();
    }
    for (int digit = '0'; digit <= '9'; ++digit) press_key(page.app, overlays, digit);
    page.work();
  };
  press_all();
  page.app.set_digits(page_digits(1150));
  page.app.inoculation.count = 100;
  page.app.inoculation.epochs = 1;
  page.draw_seven();
  press_all();
  CHECK(page.app.attack.method == std::string("pgd"));  // after the line, the last of its keys
  CHECK(page.app.pad.taken()->label == 9);
}

TEST_CASE("what is on the pad, what is read of it and what an attack makes are shown as pixels") {
  Screen screen(1280, 720);
  std::vector<std::pair<Pixels, std::vector<ImU32>>> shown;
  screen.ui.texture_of = [&](int number, const Pixels& pixels) {
    CHECK(number == static_cast<int>(shown.size()));
    shown.emplace_back(pixels, std::vector<ImU32>(pixels.colors.begin(), pixels.colors.end()));
    return ImTextureID{};
  };
  const auto greys = [](const std::vector<float>& values) {
    std::vector<ImU32> colors;
    for (const float value : values) {
      const int grey = static_cast<int>(std::lround(255 * value));
      colors.push_back(IM_COL32(grey, grey, grey, 255));
    }
    return colors;
  };
  screen.page.draw_seven();
  screen.page.work();
  shown.clear();
  screen.frames();
  const AttackOutcome& outcome = *screen.page.app.outcome();
  REQUIRE(shown.size() == 6);
  CHECK(shown[0].first.side == kCanvasSide);
  CHECK(shown[0].first.smooth);
  CHECK(shown[0].second == greys(screen.page.app.pad.canvas()));
  CHECK(shown[1].first.side == kPictureSide);
  CHECK_FALSE(shown[1].first.smooth);
  CHECK(shown[1].second == greys(screen.page.app.pad.picture()));
  CHECK(shown[2].second == greys(outcome.original.pixels));
  // In the change, what stays the same has the ground's colour, and nothing else has.
  const std::vector<ImU32>& change = shown[3].second;
  for (std::size_t i = 0; i < change.size(); ++i) {
    const bool same = outcome.original.pixels[i] == outcome.adversary.pixels[i];
    CHECK((change[i] == ImU32{colors::kWell}) == same);
  }
  CHECK(shown[4].second == greys(outcome.adversary.pixels));
  CHECK(shown[5].second == greys(outcome.noise.pixels));

  // Of a picture taken its pixels are shown, with what is drawn over them.
  screen.page.app.pad.take({Picture(kPictureSize, 0.2F), {}, {}, {}});
  screen.page.app.pad.begin_stroke({0.5F, 0.5F}, 0.1F, false);
  shown.clear();
  screen.frames();
  REQUIRE(shown.size() >= 2);
  CHECK(shown[0].second == greys(screen.page.app.pad.picture()));
  CHECK(shown[0].second[0] == IM_COL32(51, 51, 51, 255));
  CHECK(shown[0].second[kPictureSize / 2 + kPictureSide / 2] == IM_COL32_WHITE);
}
