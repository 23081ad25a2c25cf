#include <numeric>

#include "catch.h"
#include "model/network_classifier.h"
#include "page_fixture.h"
#include "web/app/examples.h"
#include "web/app/sentences.h"
#include "web/attack/live_attack.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

// A held-out digit that the page's own network reads right.
struct Subject {
  Network network = network_of(parse_safetensors(standard_weights(), "standard"), "standard");
  NetworkClassifier model{network};
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
          attack_live(subject.model, subject.picture, subject.label, settings);
      CHECK(largest_change(outcome.adversary.pixels, subject.picture) <= epsilon + 1e-6F);
      CHECK(outcome.largest_change ==
            Approx(largest_change(outcome.adversary.pixels, subject.picture)));
      CHECK(largest_change(outcome.noise.pixels, subject.picture) <= epsilon + 1e-6F);
      for (const float pixel : outcome.adversary.pixels) CHECK((pixel >= 0 && pixel <= 1));
      const Reading fresh = read_picture(subject.model, outcome.adversary.pixels);
      CHECK(outcome.success == (fresh.best() != subject.label));
      if (epsilon == 0) CHECK(outcome.adversary.pixels == subject.picture);
    }
  }
}

TEST_CASE("the example is read rightly, and fooled at the default epsilon, where noise is not") {
  PageFixture page(standard_weights());
  page.app.pad.show_example(example_drawing());
  page.app.update();
  REQUIRE(page.app.reading());
  CHECK(page.app.reading()->best() == 2);
  REQUIRE(page.app.attacked());
  CHECK(page.app.outcome()->success);
  CHECK(page.app.outcome()->noise.reading.best() == 2);
}

TEST_CASE("the smallest epsilon succeeds, and a thousandth less does not") {
  const Subject subject;
  for (const char* method : {"fgsm", "bim"}) {
    AttackSettings settings;
    settings.method = method;
    const auto found = smallest_epsilon(subject.model, subject.picture, subject.label, settings);
    REQUIRE(found);
    const auto succeeds = [&](float epsilon) {
      settings.epsilon = epsilon;
      return attack_live(subject.model, subject.picture, subject.label, settings).success;
    };
    CHECK(succeeds(*found));
    CHECK_FALSE(succeeds(*found - 0.0011F));
  }
  AttackSettings bim;
  bim.method = "bim";
  CHECK(*smallest_epsilon(subject.model, subject.picture, subject.label, bim) <=
        *smallest_epsilon(subject.model, subject.picture, subject.label, {}));
}

TEST_CASE("rounding takes the nearest level, and the next one where that would leave epsilon") {
  const auto level = [](float k) { return k / 255; };
  Picture original(kPictureSize, level(100)), adversary = original;
  const float changes[] = {0, 0.4F, -0.4F, 0.6F, 12.4F, 12.6F, -12.6F, -12.8F};
  const float within[] = {0, 0, 0, 1, 12, 12, -12, -12}, nearest[] = {0, 0, 0, 1, 12, 13, -13, -13};
  for (std::size_t i = 0; i < 8; ++i) adversary[i] = level(100 + changes[i]);
  AttackSettings fgsm, deepfool;
  deepfool.method = "deepfool";
  const Picture bounded = as_saved(adversary, original, fgsm, level(12.8F));
  const Picture unbounded = as_saved(adversary, original, deepfool, level(12.8F));
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(bounded[i] == level(100 + within[i]));
    CHECK(unbounded[i] == level(100 + nearest[i]));
  }
  // A whole number of levels is not mistaken for a little less.
  for (int k = 1; k <= 127; ++k) {
    const float epsilon = level(static_cast<float>(k));
    for (const int from : {0, 1, 77, 128}) {
      original[0] = level(static_cast<float>(from));
      adversary[0] = original[0] + epsilon;
      CHECK(as_saved(adversary, original, fgsm, epsilon)[0] == level(static_cast<float>(from + k)));
    }
  }
}

TEST_CASE("the smallest epsilon saves a picture that is misread when it is read again") {
  const Subject subject;
  Matrix images;
  Labels labels;
  std::vector<std::int32_t> some(60);
  std::iota(some.begin(), some.end(), 1000);
  gather(page_digits(), some, images, labels);
  for (const char* method : {"fgsm", "bim"}) {
    int tried = 0, misread = 0;
    for (int i = 0; i < 60 && tried < 25; ++i) {
      const Picture picture(images.row(i).data(), images.row(i).data() + kPictureSize);
      const int label = labels[static_cast<std::size_t>(i)];
      if (read_picture(subject.model, picture).best() != label) continue;
      AttackSettings settings;
      settings.method = method;
      const auto found = smallest_epsilon(subject.model, picture, label, settings);
      if (!found) continue;
      ++tried;
      settings.epsilon = *found;
      const AttackOutcome outcome = attack_live(subject.model, picture, label, settings);
      const Picture again = picture_of(to_bytes(outcome.adversary.pixels));
      misread += read_picture(subject.model, again).best() != label;
      CHECK(outcome.success);
      CHECK(again == outcome.adversary.pixels);
      CHECK(largest_change(again, picture) <= settings.epsilon + 1e-6F);
    }
    CHECK(tried == 25);
    CHECK(misread == 25);
  }
}

TEST_CASE("an adversary that rounding undoes is no success, and the page says what is read again") {
  const Subject subject;
  const auto reads = [&](const Picture& picture) {
    return read_picture(subject.model, picture).best();
  };
  AttackSettings settings;
  settings.method = "deepfool";  // which has no epsilon, and stops at the boundary as this does
  int undone = 0, held = 0;
  for (int i = 0; i < 30; ++i) {
    // Along a line to an adversary, to just behind the boundary.
    const Picture far = live_adversary(subject.model, subject.picture, subject.label, {},
                                       0.2F + 0.01F * static_cast<float>(i));
    REQUIRE(reads(far) != subject.label);
    const auto along = [&](float t) {
      Picture between = far;
      for (std::size_t k = 0; k < far.size(); ++k) {
        between[k] = subject.picture[k] + t * (far[k] - subject.picture[k]);
      }
      return between;
    };
    float low = 0, high = 1;
    for (int step = 0; step < 20; ++step) {
      const float middle = (low + high) / 2;
      (reads(along(middle)) == subject.label ? low : high) = middle;
    }
    const Picture raw = along(high);
    const AttackOutcome outcome =
        judge(subject.model, subject.picture, subject.label, raw, {}, settings);
    const int read_again = reads(picture_of(to_bytes(raw)));
    CHECK(outcome.success == (read_again != subject.label));
    CHECK(outcome.undone_by_rounding == (read_again == subject.label));
    const std::string said = describe_attack(outcome, settings);
    const std::string again = "as a saved picture it reads " + std::to_string(subject.label);
    CHECK((said.find(again) != std::string::npos) == outcome.undone_by_rounding);
    (outcome.undone_by_rounding ? undone : held) += 1;
  }
  CHECK(undone > 0);
  CHECK(held > 0);
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
        attack_live(subject.model, subject.picture, subject.label, settings);
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
      attack_live(subject.model, subject.picture, subject.label, settings);
  for (std::size_t i = 0; i < 20 * kPictureSide; ++i) {
    CHECK(outcome.adversary.pixels[i] == subject.picture[i]);
  }
  CHECK(outcome.adversary.pixels[25 * kPictureSide + 14] > 0.5F);
  settings.line.clear();
  CHECK(attack_live(subject.model, subject.picture, subject.label, settings).adversary.pixels ==
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
