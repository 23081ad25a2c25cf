// EfficientNet-Lite0 on photographs, as ./run photo makes them: the command gives what PyTorch
// gives.
#include <filesystem>

#include "command_checks.h"
#include "native/classifier.h"
#include "native/model_pictures.h"
#include "paths.h"
#include "skip.h"

using namespace inoculate;

namespace {

const std::string kPhoto = in_source("/build/photo/");
const std::string kNetwork = kPhoto + "efficientnet_lite0.onnx";

bool is_there() {
  for (const char* name : {"efficientnet_lite0.onnx", "efficientnet_lite0_f16.onnx", "chelsea.png",
                           "coffee.png", "rocket.jpg"}) {
    if (fs::exists(kPhoto + name)) continue;
    skip(std::string("build/photo has no ") + name + "; ./run photo makes it");
    return false;
  }
  return true;
}

void check_guesses(const Json& ours, const Json& golden, double within) {
  REQUIRE(ours.size() >= golden.size());
  const double lead =
      golden[0].at("confidence").get<double>() - golden[1].at("confidence").get<double>();
  if (lead > 2 * within) CHECK(ours[0].at("class") == golden[0].at("class"));
  for (const auto& guess : golden) {
    const auto same = std::find_if(ours.begin(), ours.end(), [&](const Json& one) {
      return one.at("class") == guess.at("class");
    });
    INFO(guess.dump() << " in " << ours.dump());
    REQUIRE(same != ours.end());
    CHECK(std::abs(same->at("confidence").get<double>() - guess.at("confidence").get<double>()) <
          within);
  }
}

Json predictions(const std::string& network, const Arguments& pictures) {
  return json_of(with({"predict", "--model", network, "--top", "8"}, pictures)).at("predictions");
}

}  // namespace

TEST_CASE("photographs are read as PyTorch reads them", "[command]") {
  if (!is_there()) return;
  const nlohmann::json golden = golden_json("photo_attacks.json")["photographs"];
  REQUIRE(golden.size() == 3);
  Arguments pictures;
  for (const auto& [name, result] : golden.items()) pictures.push_back(kPhoto + name);
  const Json ours = predictions(kNetwork, pictures);
  const Json halves = predictions(kPhoto + "efficientnet_lite0_f16.onnx", pictures);
  std::size_t i = 0;
  for (const auto& [name, result] : golden.items()) {
    INFO(name);
    // A JPEG's pixels may differ by a level, by who decodes it.
    check_guesses(ours[i].at("top"), result["clean"], name.ends_with(".jpg") ? 0.02 : 1e-3);
    check_guesses(halves[i].at("top"), result["clean"], 0.02);
    ++i;
  }
  CHECK(ours[1].at("top")[0].at("name") == "espresso");
  CHECK(ours[1].at("prepared") == "resized to 384 x 256, its centre taken");
}

TEST_CASE("FGSM and PGD on photographs leave what PyTorch's leave", "[command]") {
  if (!is_there()) return;
  const nlohmann::json golden = golden_json("photo_attacks.json")["photographs"];
  const TemporaryFolder folder;
  for (const char* name : {"chelsea.png", "coffee.png"}) {
    const int label = golden[name]["clean"][0]["class"];
    const Arguments common{"--model", kNetwork,         "--label",    std::to_string(label),
                           "--out",   folder / "a.npy", kPhoto + name};
    for (const int level : {1, 4}) {
      const std::string size = std::to_string(level) + "/255";
      INFO(name << " " << size);
      run_well(with({"attack", "fgsm", "--epsilon", size}, common));
      check_guesses(predictions(kNetwork, {"--images", folder / "a.npy"})[0].at("top"),
                    golden[name]["fgsm " + size], 0.01);
      const std::string step = std::to_string(level / 255.0 / 4);
      run_well(with({"attack", "pgd", "--epsilon", size, "--steps", "10", "--step-size", step,
                     "--no-random-start"},
                    common));
      // After ten steps of signs of gradients all that is known is whether it is still read right.
      const Json after = predictions(kNetwork, {"--images", folder / "a.npy"})[0].at("top")[0];
      CHECK((after.at("class") == label) == (golden[name]["pgd " + size][0]["class"] == label));
    }
  }
}

TEST_CASE("FGSM's adversary of a photograph is PyTorch's in 99.5 % of the pixels", "[command]") {
  if (!is_there()) return;
  const TemporaryFolder folder;
  run_well({"attack", "fgsm", "--epsilon", "4/255", "--model", kNetwork, "--label", "967", "--out",
            folder / "a.npy", kPhoto + "coffee.png"});
  const NpyArray adversary = read_npy(folder / "a.npy");
  CHECK(adversary.shape == std::vector<std::int64_t>{1, 224, 224, 3});
  ModelNotes notes;
  const std::unique_ptr<Classifier> model = load_classifier(kNetwork, &notes);
  const Matrix clean =
      read_pictures({kPhoto + "coffee.png"}, model->spec(), notes.pictures(), PictureSource::kUser)
          .images;
  const std::vector<std::int64_t> signs = golden_npy("photo_signs.npy").integers();
  REQUIRE(signs.size() == 150528 / 4);
  int equal = 0;
  for (std::size_t pixel = 0; pixel < 150528 / 3; ++pixel) {
    bool same = true;
    for (std::size_t at = 3 * pixel; at < 3 * pixel + 3; ++at) {
      const auto sign = static_cast<int>((signs[at / 4] >> (2 * (at % 4))) & 3) - 1;
      const float before = clean(0, static_cast<Eigen::Index>(at));
      const float expected =
          std::clamp(before + static_cast<float>(sign) * 4.0F / 255.0F, 0.0F, 1.0F);
      same = same && std::abs(adversary.floats()[at] - expected) < 1e-5F;
    }
    equal += same;
  }
  CHECK(equal >= 0.995 * 150528 / 3);
}
