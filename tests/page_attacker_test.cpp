#include "base/error.h"
#include "catch.h"
#include "page_fixture.h"
#include "web/app/api.h"
#include "web/attack/live_attack.h"
#include "web/lab/picture_attack.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

// A page with its own network, and a held-out digit that it reads right.
struct Attacked : PageFixture {
  Attacked() : PageFixture(standard_weights()) {
    app.set_digits(page_digits(1600));
    app.take_digit(1501);
    app.update();
  }
  Picture picture() const { return app.pad.picture(); }
  /// The outcome of a method, once it has come.
  const AttackOutcome& attack(const AttackSettings& settings) {
    app.attack = settings;
    app.update();
    work();
    REQUIRE(app.attacked());
    return *app.outcome();
  }
};

AttackSettings of(const char* method) {
  AttackSettings settings;
  settings.method = method;
  return settings;
}

}  // namespace

TEST_CASE("every attack of the page keeps to its bounds, and a fresh reading judges it") {
  Attacked page;
  const Picture picture = page.picture();
  const int label = page.app.attacked_label();
  int fooled = 0;
  for (const PageMethod& method : page_methods()) {
    INFO(method.name);
    AttackSettings settings = of(method.name);
    settings.epsilon = 0.3F;
    settings.queries = 500;
    const AttackOutcome& outcome = page.attack(settings);
    const Picture& adversary = outcome.adversary.pixels;
    REQUIRE(adversary.size() == picture.size());
    int changed = 0;
    for (std::size_t i = 0; i < picture.size(); ++i) {
      CHECK((adversary[i] >= 0 && adversary[i] <= 1));
      if (method.has(kEpsilonKnob)) CHECK(std::abs(adversary[i] - picture[i]) <= 0.3001F);
      changed += adversary[i] != picture[i];
    }
    if (method.has(kPixelsKnob)) CHECK(changed <= settings.pixel_budget);
    CHECK(outcome.pixels_changed == changed);
    CHECK(outcome.success ==
          (read_picture(page.app.models().classifier(), adversary).best() != label));
    if (method.has(kQueriesKnob)) CHECK(outcome.calls.forward <= settings.queries);
    CHECK((outcome.calls.gradient > 0) == method.gradients);
    if (!method.gradients && settings.method != kLineAttack) CHECK(outcome.calls.forward > 0);
    fooled += outcome.success;
  }
  CHECK(fooled >= 7);  // all but noise, the line that nobody drew, and one or the other
}

TEST_CASE("targeted attacks of the attacker report a hit only where there is one") {
  Attacked page;
  int hits = 0;
  for (const char* method : {"pgd", "deepfool", "jsma", "square", "nes"}) {
    AttackSettings settings = of(method);
    settings.epsilon = 0.4F;
    settings.target = page.app.attacked_label() == 3 ? 8 : 3;
    const AttackOutcome& outcome = page.attack(settings);
    CHECK(outcome.success == (outcome.adversary.reading.best() == *settings.target));
    hits += outcome.success;
  }
  CHECK(hits >= 2);
}

TEST_CASE("networks stand side by side: transferred, attacked themselves, and over epsilon") {
  Attacked page;
  page.app.add_model("second", "Second", "Another.", quick_weights(2));
  const AttackSettings settings = of("bim");
  const AttackOutcome& outcome = page.attack(settings);
  REQUIRE(page.app.networks().size() == 2);
  REQUIRE(page.app.transferred().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const Classifier& model = page.app.models().classifier(i);
    CHECK(page.app.transferred()[i].probabilities ==
          read_picture(model, outcome.adversary.pixels).probabilities);
    const auto own = [&](float epsilon) {
      const Picture raw =
          live_adversary(model, page.picture(), page.app.attacked_label(), settings, epsilon);
      return read_picture(model, as_saved(raw, page.picture(), settings, epsilon));
    };
    const NetworkUnderAttack& known = page.app.networks()[i];
    REQUIRE(known.attacked);
    CHECK(known.attacked->best() == own(settings.epsilon).best());
    REQUIRE(known.sweep);
    CHECK(known.sweep->epsilons.front() == 0);
    CHECK(known.sweep->epsilons.back() == kLargestEpsilon);
    for (std::size_t k = 0; k < known.sweep->epsilons.size(); k += 5) {
      const Reading expected = own(known.sweep->epsilons[k]);
      for (int digit = 0; digit < kDigits; ++digit) {
        CHECK(known.sweep->readings[k].probability(digit) ==
              Approx(expected.probability(digit)).margin(1e-5));
      }
    }
  }
}

TEST_CASE("a larger epsilon keeps the curves; another picture drops them") {
  Attacked page;
  page.attack(of("fgsm"));
  REQUIRE(page.app.networks()[0].sweep);
  page.app.attack.epsilon = 0.2F;
  page.app.update();
  CHECK(page.app.networks()[0].sweep);
  CHECK_FALSE(page.app.networks()[0].attacked);
  page.work();
  CHECK(page.app.networks()[0].attacked);
  page.app.take_digit(1502);
  page.app.update();
  CHECK_FALSE(page.app.networks()[0].sweep);
}

TEST_CASE("an answer to what is asked no more is dropped") {
  Attacked page;
  page.work();
  page.app.attack = of("square");
  page.app.update();
  CHECK(page.app.attacking());
  page.app.take_digit(1503);  // while the worker is at it
  page.app.update();
  page.work();
  REQUIRE(page.app.attacked());
  CHECK(page.app.outcome()->original.pixels == page.picture());
  CHECK(page.app.outcome()->label == page.app.attacked_label());
}

TEST_CASE("an attack is stopped at once, and another one may follow") {
  Attacked page;
  page.work();
  std::string error;
  page.app.attack = of("nes");
  page.app.when_attacked([&](const std::string& e) { error = e; });
  CHECK(page.app.attacking());
  page.app.cancel_attack();
  CHECK(page.restarts == 1);
  CHECK(error == "attack: it was stopped");
  CHECK_FALSE(page.app.attacking());
  CHECK_FALSE(page.app.attacked());
  page.work();  // what the worker still says is not listened to
  CHECK_FALSE(page.app.attacked());
  CHECK(page.attack(of("pgd")).calls.gradient > 0);
}

TEST_CASE("window.inoculate waits for the attacker") {
  Attacked page;
  std::vector<ApiReply> replies;
  const auto ask = [&](const Json& settings) {
    handle_call(page.app, Json::object(), "attack", settings, {},
                [&](ApiReply reply) { replies.push_back(std::move(reply)); });
  };
  ask({{"method", "square"}, {"epsilon", 0.3}, {"queries", 300}});
  CHECK(replies.empty());
  ask({{"method", "jsma"}, {"pixel_budget", 60}});  // the first is asked for no more
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].error.find("another request") != std::string::npos);
  page.work();
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].error.empty());
  CHECK(replies[1].body.size() == kPictureSize * sizeof(float));
  CHECK(replies[1].value.at("pixels").get<int>() <= 60);
  CHECK(replies[1].value.at("gradients").get<int>() > 0);
}

TEST_CASE("the attacker refuses what makes no sense") {
  PageFixture page;
  PictureAttack attack;
  attack.settings = of("pgd");
  attack.picture = Picture(kPictureSize, 0.5F);
  attack.epsilons = {0.1F};
  const Json good = to_json(attack);
  CHECK(to_json(picture_attack(good)) == good);
  const auto without = [&](const char* key) {
    Json json = good;
    json.erase(key);
    return json;
  };
  const auto with = [&](const char* key, const Json& value) {
    Json json = good;
    json[key] = value;
    return json;
  };
  const Json bad[] = {without("settings"),
                      without("picture"),
                      without("epsilons"),
                      with("picture", {0.5, 0.5}),
                      with("picture", std::vector<float>(kPictureSize, 1.5F)),
                      with("label", 10),
                      with("epsilons", {0.7}),
                      with("epsilons", std::vector<float>(101, 0.1F)),
                      with("settings", {{"method", kLineAttack}}),
                      with("settings", {{"method", "magic"}}),
                      with("more", 1)};
  for (const Json& json : bad) {
    INFO(json.dump().substr(0, 100));
    CHECK_THROWS_AS(picture_attack(json), Error);
    page.attacker.receive(
        {{{"kind", "attack"}, {"id", 1}, {"network", 0}, {"settings", json}}, quick_weights()});
    page.attacker.work();
    REQUIRE(page.from_attacker.size() == 1);
    CHECK(page.from_attacker[0].head.at("kind") == "error");
    page.from_attacker.clear();
  }
  page.attacker.receive({{{"kind", "attack"}, {"id", 1}, {"network", 7}, {"settings", good}}, {}});
  page.attacker.work();
  CHECK(page.from_attacker.at(0).head.at("kind") == "error");
}
