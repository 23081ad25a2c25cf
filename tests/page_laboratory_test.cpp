#include "attack/fgsm.h"
#include "attack/pgd.h"
#include "base/error.h"
#include "catch.h"
#include "evaluate/accuracy.h"
#include "model/network_classifier.h"
#include "page_call.h"
#include "page_fixture.h"
#include "random_data.h"
#include "web/lab/picture_attack.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

Dataset some_digits() { return page_digits(1150); }  // 150 to inoculate with, 1,000 held out

InoculationSettings quick() {
  InoculationSettings settings;
  settings.count = 200;  // more than there are digits: some come again, shifted
  settings.epochs = 2;
  settings.learning_rate = 5e-3F;
  return settings;
}

void gather_held_out(int count, Matrix& images, Labels& labels) {
  const Dataset held_out = slice(page_digits(1150), 150, 150 + count);
  std::vector<std::int32_t> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  gather(held_out, all, images, labels);
}

// Accuracy on the held-out digits, clean and under a fresh FGSM, asked of the core itself.
std::pair<double, double> accuracy_of(const Network& network, float epsilon, int count) {
  Matrix images;
  Labels labels;
  gather_held_out(count, images, labels);
  FgsmOptions attack;
  attack.threat.epsilon = epsilon;
  const Matrix adversaries = fgsm(NetworkClassifier(network), images, labels, attack);
  return {evaluate(NetworkClassifier(network), examples_of(images, labels)).accuracy(),
          evaluate(NetworkClassifier(network), examples_of(adversaries, labels)).accuracy()};
}

}  // namespace

TEST_CASE("an inoculation trains, and reports what the core measures of the new weights") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.inoculation = quick();
  JobResult result;
  page.app.inoculate([&](const JobResult& r) { result = r; });
  REQUIRE(page.app.experiments().running());
  const auto [clean_before, fresh_before] = accuracy_of(page.app.models().network(), 0.2F, 1000);
  page.work();
  CHECK_FALSE(page.app.experiments().running());
  CHECK(result.error.empty());
  CHECK(page.app.models().inoculated());
  REQUIRE(page.app.experiments().rounds().size() == 1);
  const Round& round = page.app.experiments().rounds()[0];
  CHECK(round.before.clean.accuracy == Approx(clean_before));
  CHECK(round.before.fresh.accuracy == Approx(fresh_before));
  CHECK(round.before.replayed.accuracy == round.before.fresh.accuracy);
  const auto [clean, fresh] = accuracy_of(page.app.models().network(), 0.2F, 1000);
  CHECK(round.after.clean.accuracy == Approx(clean));
  CHECK(round.after.fresh.accuracy == Approx(fresh));
  CHECK(round.after.clean.n == 1000);
  CHECK(round.after.clean.accuracy > round.before.clean.accuracy);  // it knew nothing before
  // 400 lessons an epoch (adversaries and as many clean digits), 64 a step.
  CHECK(page.app.experiments().last_run().points.size() == 14);
  CHECK(page.app.experiments().last_run().progress() == 1);
}

TEST_CASE("the same seed inoculates to the same weights, another to others") {
  const auto weights_after = [](std::uint64_t seed) {
    PageFixture page;
    page.app.set_digits(some_digits());
    page.app.inoculation = quick();
    page.app.inoculation.seed = seed;
    page.app.inoculate();
    page.work();
    return page.app.weights_file();
  };
  CHECK(weights_after(1) == weights_after(1));
  CHECK(weights_after(1) != weights_after(2));
}

TEST_CASE("replaying and leaving clean digits out are heeded") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.inoculation = quick();
  page.app.inoculation.fresh = false;
  page.app.inoculation.mix_clean = false;
  page.app.inoculate();
  page.work();
  CHECK(page.app.experiments().last_run().points.size() == 8);  // 200 lessons an epoch
  CHECK(page.app.experiments().rounds().size() == 1);
}

TEST_CASE("a paused inoculation waits, whatever else is stopped") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.inoculation = quick();
  page.app.inoculate();
  while (page.app.experiments().running()->points.size() < 3) page.work_once();
  page.app.experiments().pause(true);
  page.app.experiments().measure_robust_curves();
  page.app.experiments().stop_measuring_curves();
  CHECK_FALSE(page.laboratory.busy());
  page.work_once();
  CHECK(page.app.experiments().running()->paused);
  CHECK(page.app.experiments().running()->points.size() == 3);
  page.app.experiments().pause(false);
  page.work();
  CHECK(page.app.experiments().rounds().size() == 1);
}

TEST_CASE("a refused inoculation leaves the settings of the one that runs") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.inoculation = quick();
  page.app.inoculate();
  page.work_once();
  const int epochs = page.app.inoculation.epochs;
  const ApiReply reply = call(page, "inoculate", {{"epochs", epochs + 1}});
  CHECK_FALSE(reply.error.empty());
  CHECK(page.app.inoculation.epochs == epochs);
}

TEST_CASE("a paused inoculation waits, goes on, and can be stopped without a trace") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.inoculation = quick();
  const Bytes before = page.app.weights_file();
  std::string end;
  page.app.inoculate([&](const JobResult& result) { end = result.error; });
  while (page.app.experiments().running()->points.size() < 3) page.work_once();
  page.app.experiments().pause(true);
  CHECK_FALSE(page.laboratory.busy());
  page.work_once();
  CHECK(page.app.experiments().running()->points.size() == 3);
  page.app.experiments().pause(false);
  page.work_once();
  CHECK(page.app.experiments().running()->points.size() == 4);
  const auto paused = [&] { return call(page, "state").value.at("inoculation").at("paused"); };
  page.app.experiments().pause(true);
  CHECK(paused() == true);
  page.app.experiments().stop();
  page.work_once();
  CHECK_FALSE(page.app.experiments().running());
  CHECK(paused() == false);
  CHECK_FALSE(page.laboratory.busy());
  CHECK(end == "stopped");
  CHECK(page.app.weights_file() == before);
  CHECK(page.app.experiments().rounds().empty());
  page.app.inoculate();  // and again
  page.work();
  CHECK(page.app.experiments().rounds().size() == 1);
}

TEST_CASE("what is evaluated and swept is what the core says") {
  PageFixture page;
  page.app.set_digits(some_digits());
  JobResult result;
  page.app.experiments().evaluate({0.1F, 300}, [&](const JobResult& r) { result = r; });
  page.app.experiments().measure_robust_curves();
  CHECK(page.app.experiments().measuring_curves());
  page.work();
  const auto [clean, fresh] = accuracy_of(page.app.models().network(), 0.1F, 300);
  CHECK(result.value.at("clean").at("accuracy") == Approx(clean));
  CHECK(result.value.at("fresh").at("accuracy") == Approx(fresh));
  CHECK_FALSE(page.app.experiments().measuring_curves());
  REQUIRE(page.app.experiments().robust_curves().size() == 1);
  const RobustCurve& curve = page.app.experiments().robust_curves()[0];
  REQUIRE(curve.scores.size() == 11);
  const SweepSettings sweep;
  CHECK(curve.scores[0].accuracy ==
        Approx(accuracy_of(page.app.models().network(), 0, sweep.count).first));
  for (std::size_t i = 0; i < 11; ++i) {
    CHECK(curve.scores[i].n == sweep.count);
    if (i > 0) CHECK(curve.scores[i].accuracy <= curve.scores[i - 1].accuracy);
  }
}

TEST_CASE("the curve falls as PGD makes the digits fall") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.experiments().measure_robust_curves();
  page.work();
  const SweepSettings sweep;
  Matrix images;
  Labels labels;
  gather_held_out(sweep.count, images, labels);
  std::vector<bool> fallen(labels.size());
  const RobustCurve& curve = page.app.experiments().robust_curves().at(0);
  for (std::size_t k = 0; k < 4; ++k) {
    PgdOptions options = pgd_options(Norm::kLinf);
    options.steps = sweep.steps;
    options.step_size = 0.25F;
    ThreatModel threat;
    threat.epsilon = curve.epsilons[k];
    Rng rng(1);
    const AttackResult all =
        pgd({page.app.models().classifier(), images, labels, threat, {}}, options, rng);
    int standing = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      fallen[i] = fallen[i] || all.success[i] != 0;
      standing += fallen[i] ? 0 : 1;
    }
    // Each has another random start when others are gone: those on the edge may fall or not.
    CHECK(curve.scores[k].accuracy * sweep.count == Approx(standing).margin(4));
  }
}

TEST_CASE("measuring curves is stopped, by hand or by an inoculation") {
  PageFixture page;
  page.app.set_digits(some_digits());
  page.app.experiments().measure_robust_curves();
  for (int i = 0; i < 5; ++i) page.work_once();
  const std::size_t points = page.app.experiments().robust_curves().at(0).scores.size();
  CHECK(points > 0);
  CHECK(page.app.experiments().curves_progress() == Approx(static_cast<double>(points) / 11));
  page.app.experiments().stop_measuring_curves();
  page.work_once();
  CHECK_FALSE(page.app.experiments().measuring_curves());
  CHECK_FALSE(page.laboratory.busy());
  CHECK(page.app.experiments().robust_curves().at(0).scores.size() == points);  // they stay
  page.app.experiments().measure_robust_curves();
  page.work_once();
  page.app.inoculate();
  page.work();
  CHECK_FALSE(page.app.experiments().measuring_curves());
  CHECK(page.app.experiments().rounds().size() == 1);
}

TEST_CASE("messages that make no sense are answered with an error, and the laboratory goes on") {
  std::vector<Message> answers;
  Laboratory laboratory([&](Message message) { answers.push_back(std::move(message)); });
  const auto answer_to = [&](Message message) -> std::string {
    answers.clear();
    laboratory.receive(std::move(message));
    while (laboratory.busy()) laboratory.work();
    if (answers.empty() || answers.back().head.at("kind") != "error") return "";
    return answers.back().head.at("message").get<std::string>();
  };
  const Json id = 7;
  CHECK(answer_to({{{"kind", "evaluate"}, {"id", id}, {"settings", Json::object()}}, {}})
            .find("not arrived") != std::string::npos);
  CHECK_FALSE(answer_to({{{"kind", "digits"}}, Bytes(10)}).empty());
  CHECK(answer_to({{{"kind", "digits"}}, pack_digits(some_digits())}).empty());
  CHECK_FALSE(answer_to({{{"kind", "dance"}, {"id", id}}, {}}).empty());
  CHECK_FALSE(answer_to({Json::object(), {}}).empty());
  CHECK(answer_to({{{"kind", "inoculate"}, {"id", id}}, quick_weights()}) ==
        "The message lacks something that it needs, or has it in another form.");
  CHECK_FALSE(answer_to({{{"kind", "evaluate"}, {"id", id}, {"settings", {{"epsilon", "big"}}}},
                         quick_weights()})
                  .empty());
  CHECK_FALSE(
      answer_to({{{"kind", "evaluate"}, {"id", id}, {"settings", Json::object()}}, Bytes(100)})
          .empty());
  CHECK(answer_to(
            {{{"kind", "evaluate"}, {"id", id}, {"settings", {{"count", 50}}}}, quick_weights()})
            .empty());
  CHECK(answers.back().head.at("kind") == "done");
}

TEST_CASE("the laboratory answers or ignores whatever comes, and never throws") {
  int answers = 0;
  Laboratory laboratory([&](const Message& message) {
    ++answers;
    CHECK(json_text(message.head).size() < 1000);
  });
  const auto give = [&](Message message) {
    REQUIRE_NOTHROW(laboratory.receive(std::move(message)));
    for (int i = 0; i < 5 && laboratory.busy(); ++i) REQUIRE_NOTHROW(laboratory.work());
  };
  for (const Json& head :
       {Json(), Json(3), Json("inoculate"), Json::array({1}), Json{{"kind", 7}}, Json{{"kind", {}}},
        Json{{"kind", "stop"}}, Json{{"kind", "stop"}, {"id", Json::object()}},
        Json{{"kind", "attack"}}, Json{{"kind", "attack"}, {"network", -1}},
        Json{{"kind", "attack"}, {"network", 1e300}},
        Json{{"kind", "attack"}, {"network", 4294967296}},
        Json{{"kind", std::string(75000, 'k')}}}) {
    give({head, {}});
  }
  CHECK(answers > 5);
  CHECK(message_of("no JSON", {}).head.is_null());
  CHECK(message_of(std::string(100000, '['), {}).head.is_null());
  CHECK(message_of(R"({"kind":"dance"})", {}).head.at("kind") == "dance");

  RandomData random(21);
  const std::string sound = json_text({{"kind", "attack"},
                                       {"id", 1},
                                       {"network", 0},
                                       {"settings", {{"epsilons", {0.1}}, {"label", 3}}}});
  for (int round = 0; round < 3000; ++round) {
    std::string head = sound;
    for (int i = 0; i <= random.below(4); ++i) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<int>(head.size())));
      head[at] = static_cast<char>(random.below(256));
    }
    Bytes body(static_cast<std::size_t>(random.below(100)));
    for (auto& byte : body) byte = static_cast<std::uint8_t>(random.below(256));
    give(message_of(head, body));
  }
}

TEST_CASE("digits with labels above 9 are refused") {
  std::string error;
  Laboratory laboratory([&](const Message& m) { error = m.head.value("message", ""); });
  Bytes digits = pack_digits(some_digits());
  digits[5] = 10;
  laboratory.receive({{{"kind", "digits"}}, digits});
  laboratory.work();
  CHECK(error.find("above 9") != std::string::npos);
}

TEST_CASE("an attack on a network that overflows ends in an error, not in silence") {
  std::vector<Message> answers;
  Laboratory laboratory([&](Message message) { answers.push_back(std::move(message)); });
  PictureAttack attack;
  attack.settings.method = "pgd";
  attack.picture = Picture(kPictureSize, 0.5F);
  attack.epsilons = {0.1F};
  laboratory.receive(
      {{{"kind", "attack"}, {"id", 1}, {"network", 0}, {"settings", to_json(attack)}},
       overflowing_weights()});
  while (laboratory.busy()) laboratory.work();
  REQUIRE_FALSE(answers.empty());
  CHECK(answers.back().head.at("kind") == "error");
  CHECK(answers.back().head.at("message").get<std::string>().find("finite") != std::string::npos);
}

TEST_CASE("whoever waits for a worker hears when it fails, or answers nonsense") {
  PageFixture page;
  page.draw_seven();
  page.app.set_digits(some_digits());
  for (const Json& answer :
       {Json{{"kind", "failed"}, {"message", "no worker"}}, Json(), Json{{"kind", "done"}}}) {
    page.app.attack.method = "pgd";
    page.app.attack.seed++;
    std::string error;
    page.app.when_attacked([&](const std::string& why) { error = why; });
    CHECK(error.empty());
    page.app.receive_from_attacker({answer, {}});
    CHECK_FALSE(error.empty());
    CHECK_FALSE(page.app.attacking());
  }
  JobResult trained, measured;
  page.app.inoculate([&](const JobResult& result) { trained = result; });
  page.app.experiments().evaluate({}, [&](const JobResult& result) { measured = result; });
  page.app.experiments().receive({{{"kind", "failed"}, {"message", "no worker"}}, {}});
  CHECK(trained.error == "no worker");
  CHECK(measured.error == "no worker");
  CHECK_FALSE(page.app.experiments().running());
}

TEST_CASE("whoever waits for an inoculation hears when its weights are damaged") {
  PageFixture page;
  page.app.set_digits(some_digits());
  JobResult trained;
  page.app.inoculate([&](const JobResult& result) { trained = result; });
  const Message damaged{{{"kind", "done"}, {"id", 1}}, {1, 2, 3}};
  CHECK_THROWS_AS(page.app.experiments().receive(damaged), Error);
  CHECK(trained.error.starts_with("the laboratory: "));
  CHECK_FALSE(page.app.experiments().running());
}
