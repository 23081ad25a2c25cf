// The page in HTML, as the module tells it and obeys it.
#include <set>

#include "catch.h"
#include "page_fixture.h"
#include "refusal_of.h"
#include "web/app/controls.h"
#include "web/app/mirror.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

// The item of that name, or null.
Json find(const App& app, const std::string& name) {
  for (const Json& section : mirror_json(app, false)) {
    for (const Json& item : section.at("items")) {
      if (item.at("name") == name) return item;
    }
  }
  return nullptr;
}

void use(App& app, const std::string& name, const Json& value = nullptr) {
  use_control(app, {{"name", name}, {"value", value}});
  app.update();
}

void pen(App& app, float x, float y, bool down) {
  move_pen(app, {{"x", x}, {"y", y}, {"down", down}});
  app.update();
}

}  // namespace

TEST_CASE("every control has its own name, and a full name that begins with what is seen") {
  std::set<std::string> names;
  for (const Control& control : controls()) {
    INFO(control.name);
    CHECK(names.insert(control.name).second);
    CHECK(find_control(control.name) == &control);
    CHECK(std::string(control.text.label) != "");
    CHECK(std::string(control.text.full).find(control.text.label) == 0);
  }
  CHECK(find_control("none") == nullptr);
}

TEST_CASE("the mirror shows the controls that there are now, as they are") {
  PageFixture page;
  App& app = page.app;
  app.set_digits(page_digits(1150));
  page.draw_seven();
  CHECK(find(app, "epsilon").at("text") == "0.100");
  CHECK(find(app, "queries").is_null());
  CHECK(find(app, "method").at("options").size() == page_methods().size());
  app.attack.method = "square";
  CHECK(find(app, "queries").at("value") == 1000);
  CHECK(find(app, "smallest_epsilon").is_null());
  app.attack.method = kLineAttack;
  CHECK(find(app, "target").is_null());
  CHECK(find(app, "clear_line").at("enabled") == false);
  CHECK(find(app, "inoculation_rate").at("value").get<float>() == Approx(-3));
  CHECK(find(app, "inoculation_rate").at("text") == "0.00100");
  CHECK(find(app, "undo").at("enabled") == true);
  const Json probabilities = find(app, "probabilities").at("rows");
  REQUIRE(probabilities.size() == 10);
  CHECK(probabilities[3][0] == "3");
  CHECK(probabilities[3][1] == percent_text(app.reading()->probability(3)));
}

TEST_CASE("a control of the mirror does what the one on the canvas does") {
  PageFixture page;
  App& app = page.app;
  app.set_digits(page_digits(1150));
  page.draw_seven();
  use(app, "epsilon", 0.25);
  CHECK(app.attack.epsilon == 0.25F);
  use(app, "epsilon", 7);
  CHECK(app.attack.epsilon == kLargestEpsilon);
  use(app, "method", 1U);
  CHECK(app.attack.method == "bim");
  use(app, "steps", 25);
  CHECK(app.attack.steps == 25);
  use(app, "inoculation_rate", -4);
  CHECK(app.inoculation.learning_rate == Approx(1e-4F));
  use(app, "inoculation_mix", false);
  CHECK_FALSE(app.inoculation.mix_clean);
  use(app, "inoculation_making", 1U);
  CHECK_FALSE(app.inoculation.fresh);
  use(app, "eraser", true);
  CHECK(app.pen.erase);
  use(app, "digit_4");
  CHECK(app.pad.taken()->label == 4);
  use(app, "target", 1U);
  CHECK(app.attack.target == 0);
  use(app, "target", 0U);
  CHECK_FALSE(app.attack.target);
  use(app, "clear");
  CHECK(app.pad.empty());
  use(app, "undo");
  CHECK(app.pad.taken()->label == 4);
  use(app, "save_weights");
  CHECK(page.saved.size() == 1);
  use(app, "load_weights");
  CHECK(page.asked_for_weights == 1);
  use(app, "inoculation_count", 100);
  use(app, "inoculation_epochs", 1);
  use(app, "inoculate_button");
  CHECK(app.experiments().running());
  CHECK(find(app, "inoculate_button").is_null());
  CHECK(find(app, "epsilon").at("enabled") == true);
  CHECK(find(app, "inoculation_count").at("enabled") == false);
  use(app, "pause");
  CHECK(app.experiments().running()->paused);
  use(app, "resume");
  page.work();
  CHECK(find(app, "before_after").at("rows").size() == 3);
}

TEST_CASE("what the mirror cannot do is refused, and changes nothing") {
  PageFixture page;
  App& app = page.app;
  const auto refused = [&](const Json& argument) {
    return refusal_of([&] { use_control(app, argument); });
  };
  const AttackSettings before = app.attack;
  CHECK(refused({{"name", "dance"}}) == "control: there is no 'dance' now");
  CHECK(refused({{"name", "queries"}, {"value", 100}}) == "control: there is no 'queries' now");
  CHECK(refused({{"name", "undo"}}) == "control: 'Undo' cannot be used now");
  CHECK(refused({{"name", "digit_3"}}) == "control: '3' cannot be used now");
  CHECK(refused({{"name", "eraser"}, {"value", 1}}) == "control: 'Eraser' has no such value");
  for (const Json& value : {Json("much"), Json(), Json(true), Json::array(), Json(1e300)}) {
    CHECK(refused({{"name", "epsilon"}, {"value", value}}) ==
          "control: 'Epsilon' has no such value");
  }
  for (const Json& value : {Json(-1), Json(11), Json(0.5), Json("bim"), Json()}) {
    CHECK(refused({{"name", "method"}, {"value", value}}) == "control: 'Attack' has no such value");
  }
  page.draw_seven();
  const int own = app.attacked_label();
  CHECK(refused({{"name", "target"}, {"value", own + 1}}) == "control: 'Target' has no such value");
  CHECK(refused(7).find("object") != std::string::npos);
  CHECK(refusal_of([&] { move_pen(app, {{"x", 2}}); }).find("x must be") != std::string::npos);
  CHECK(app.attack == before);
}

TEST_CASE("the keyboard's pen draws while it is down, a stroke at a time") {
  PageFixture page;
  App& app = page.app;
  pen(app, 0.3F, 0.2F, false);
  CHECK(app.pad.strokes().empty());
  pen(app, 0.3F, 0.2F, true);
  pen(app, 0.7F, 0.2F, true);
  pen(app, 0.5F, 0.8F, true);
  REQUIRE(app.pad.strokes().size() == 1);
  CHECK(app.pad.strokes()[0].points.size() == 3);
  CHECK(find(app, "pad").at("down") == true);
  pen(app, 0.5F, 0.5F, false);
  CHECK(find(app, "pad").at("down") == false);
  pen(app, 0.6F, 0.6F, true);
  CHECK(app.pad.strokes().size() == 2);
  app.pad.undo();  // lifts it: what follows is a stroke of its own
  CHECK(find(app, "pad").at("down") == false);
  pen(app, 0.7F, 0.7F, true);
  REQUIRE(app.pad.strokes().size() == 2);
  CHECK(app.pad.strokes()[0].points.size() == 3);
}
