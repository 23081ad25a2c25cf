#include "catch.h"
#include "page_fixture.h"
#include "web/app/sentences.h"
#include "web/attack/live_attack.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

// A held-out digit that the page's own network reads right.
struct Subject {
  Network network = network_of(parse_safetensors(standard_weights(), "standard"), "standard");
  FrozenNetwork frozen{network, FrozenNetwork::For::kGradients};
  Picture picture;
  int label = 0;

  Subject() {
    Matrix images;
    Labels labels;
    const std::int32_t index[] = {1501};
    gather(page_digits(), index, images, labels);
    picture.assign(images.data(), images.data() + images.size());
    label = labels[0];
  }
};

float largest_change(const Picture& a, const Picture& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("attacks keep to epsilon and to valid pixels, and report what they did") {
  const Subject subject;
  for (const char* method : {"fgsm", "bim"}) {
    for (const float epsilon : {0.0F, 0.05F, 0.2F, 0.5F}) {
      AttackSettings settings;
      settings.method = method;
      settings.epsilon = epsilon;
      const AttackOutcome outcome =
          attack_live(subject.frozen, subject.picture, subject.label, settings);
      CHECK(largest_change(outcome.adversary.pixels, subject.picture) <= epsilon + 1e-6F);
      CHECK(outcome.largest_change ==
            Approx(largest_change(outcome.adversary.pixels, subject.picture)));
      CHECK(largest_change(outcome.noise.pixels, subject.picture) <= epsilon + 1e-6F);
      for (const float pixel : outcome.adversary.pixels) CHECK((pixel >= 0 && pixel <= 1));
      const Reading fresh = read_picture(subject.frozen, outcome.adversary.pixels);
      CHECK(outcome.success == (fresh.best() != subject.label));
      if (epsilon == 0) CHECK(outcome.adversary.pixels == subject.picture);
    }
  }
}

TEST_CASE("the smallest epsilon succeeds, and a thousandth less does not") {
  const Subject subject;
  for (const char* method : {"fgsm", "bim"}) {
    AttackSettings settings;
    settings.method = method;
    const auto found = smallest_epsilon(subject.frozen, subject.picture, subject.label, settings);
    REQUIRE(found);
    const auto succeeds = [&](float epsilon) {
      const Picture adversary =
          live_adversary(subject.frozen, subject.picture, subject.label, settings, epsilon);
      return is_success(read_picture(subject.frozen, adversary), subject.label, settings);
    };
    CHECK(succeeds(*found));
    CHECK_FALSE(succeeds(*found - 0.0011F));
  }
  AttackSettings bim;
  bim.method = "bim";
  CHECK(*smallest_epsilon(subject.frozen, subject.picture, subject.label, bim) <=
        *smallest_epsilon(subject.frozen, subject.picture, subject.label, {}));
}

TEST_CASE("a target is hit, or not reported as hit") {
  const Subject subject;
  int hits = 0;
  for (int target = 0; target < kDigits; ++target) {
    if (target == subject.label) continue;
    AttackSettings settings;
    settings.method = "bim";
    settings.epsilon = 0.3F;
    settings.steps = 20;
    settings.target = target;
    const AttackOutcome outcome =
        attack_live(subject.frozen, subject.picture, subject.label, settings);
    CHECK(outcome.success == (outcome.adversary.reading.best() == target));
    hits += outcome.success;
  }
  CHECK(hits >= 5);  // the undefended network falls to a strong targeted attack
}

TEST_CASE("a line changes only what it covers; noise beside it is as long") {
  const Subject subject;
  AttackSettings settings;
  settings.method = kLineAttack;
  settings.line = {{{{0, 0.9F}, {1, 0.9F}}, 0.03F, false}};
  const AttackOutcome outcome =
      attack_live(subject.frozen, subject.picture, subject.label, settings);
  for (std::size_t i = 0; i < 20 * kPictureSide; ++i) {
    CHECK(outcome.adversary.pixels[i] == subject.picture[i]);
  }
  CHECK(outcome.adversary.pixels[25 * kPictureSide + 14] > 0.5F);
  settings.line.clear();
  CHECK(attack_live(subject.frozen, subject.picture, subject.label, settings).adversary.pixels ==
        subject.picture);
}

TEST_CASE("shares are not rounded to none or all") {
  CHECK(percent_text(0) == "0.0 %");
  CHECK(percent_text(0.0001) == "<0.1 %");
  CHECK(percent_text(0.5) == "50.0 %");
  CHECK(percent_text(0.99996) == ">99.9 %");
  CHECK(percent_text(1) == "100.0 %");
}

TEST_CASE("the tour says of noise what it did, and of the attack") {
  AttackOutcome outcome;
  outcome.label = 7;
  outcome.noise.reading.ranking[0] = 7;
  const auto says = [&](const char* words) {
    return describe_noise(outcome).find(words) != std::string::npos;
  };
  CHECK(says("hardly disturbs"));
  CHECK_FALSE(says("misreads it"));
  outcome.success = true;
  CHECK(says("misreads it"));
  outcome.noise.reading.ranking[0] = 8;
  CHECK(says("misleads the network too"));
  CHECK_FALSE(says("hardly disturbs"));
}
