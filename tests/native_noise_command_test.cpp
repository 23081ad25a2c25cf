// inoculate noise, and attacks on noise, as users run them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "attack/perturbation.h"
#include "base/error.h"
#include "evaluate/interval.h"
#include "evaluate/noise_pictures.h"
#include "labels_alone.h"
#include "model/network_classifier.h"
#include "model/preprocessed.h"
#include "native/model.h"
#include "native/noise_options.h"
#include "native/noise_run.h"
#include "native/read_picture.h"
#include "refusals.h"

using namespace inoculate;

namespace {

// Rows of a CSV without quoted cells.
std::vector<std::vector<std::string>> csv_rows(const std::string& path) {
  const Bytes bytes = read_whole_file(path);
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : lines_of({bytes.begin(), bytes.end()})) {
    std::istringstream stream(line);
    rows.emplace_back();
    for (std::string cell; std::getline(stream, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

Arguments noise(const Arguments& more) { return with({"noise", "--model", golden_model()}, more); }

}  // namespace

TEST_CASE("noise joins means and deviations as Python's zip does", "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of(noise({"--top", "3", "--out", folder / "noise.csv", "--summary",
                                   folder / "max.csv", "--sheet", folder / "sheet.png"}));
  REQUIRE(json.at("levels").size() == 15);
  for (std::size_t i = 0; i < 15; ++i) {
    CHECK(json.at("levels")[i].at("mu") == 50 + 10 * static_cast<double>(i));
    CHECK(json.at("levels")[i].at("sigma") == 10 + 2 * static_cast<double>(i));
  }
  const auto rows = csv_rows(folder / "noise.csv"), summary = csv_rows(folder / "max.csv");
  CHECK(rows[0] == std::vector<std::string>{"id", "class", "prediction", "sigma", "mu"});
  CHECK(summary[0] == std::vector<std::string>{"sigma", "mu", "max"});
  REQUIRE(rows.size() == 46);
  REQUIRE(summary.size() == 16);
  for (std::size_t i = 0; i < 15; ++i) {
    const auto &first = rows[1 + 3 * i], &second = rows[2 + 3 * i];
    CHECK(first[3] == summary[i + 1][0]);
    CHECK(first[4] == summary[i + 1][1]);
    CHECK(std::stod(first[2]) == Approx(std::stod(summary[i + 1][2])).margin(1e-6));
    CHECK(std::stod(first[2]) >= std::stod(second[2]));
  }
  CHECK(read_picture_file(folder / "sheet.png").pixels.width > 500);
}

TEST_CASE("noise takes every pair with --grid, and several draws give an interval", "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of(
      noise({"--mean", "60:120:30", "--sigma", "10:50:10", "--grid", "--draws", "6", "--top", "2",
             "--out", folder / "noise.csv", "--summary", folder / "max.csv"}));
  REQUIRE(json.at("levels").size() == 8);
  const auto rows = csv_rows(folder / "noise.csv"), summary = csv_rows(folder / "max.csv");
  CHECK(rows.size() == 1 + 8 * 6 * 2);
  CHECK(rows[0].back() == "draw");
  for (std::size_t level = 0; level < 8; ++level) {
    std::vector<double> best;
    for (std::size_t draw = 0; draw < 6; ++draw) {
      best.push_back(std::stod(rows[1 + (level * 6 + draw) * 2][2]));
    }
    const double mean = std::accumulate(best.begin(), best.end(), 0.0) / 6;
    CHECK(std::stod(summary[level + 1][2]) == Approx(mean).margin(1e-5));
    CHECK(std::stod(summary[level + 1][3]) <= mean + 1e-6);
    CHECK(std::stod(summary[level + 1][4]) >= mean - 1e-6);
  }
  // The same seed gives the same file, whatever the number of threads.
  const Bytes before = read_whole_file(folder / "noise.csv");
  run_well(noise({"--mean", "60:120:30", "--sigma", "10:50:10", "--grid", "--draws", "6", "--top",
                  "2", "--threads", "1", "--out", folder / "again.csv"}));
  CHECK(read_whole_file(folder / "again.csv") == before);
}

TEST_CASE("noise tells the WordNet numbers that classes' names begin with", "[command]") {
  const TemporaryFolder folder;
  std::string names = "n01440764 tench\nn01443537: goldfish, Carassius auratus\nnoodle\n";
  for (int i = 3; i < 10; ++i) names += "class " + std::to_string(i) + "\n";
  write_whole_file(folder / "names.txt", names);
  run_well(noise({"--mean", "128", "--sigma", "40", "--classes", folder / "names.txt", "--out",
                  folder / "noise.csv"}));
  const Bytes bytes = read_whole_file(folder / "noise.csv");
  const std::string csv(bytes.begin(), bytes.end());
  CHECK(lines_of(csv).size() == 11);  // ten classes are all there are
  CHECK(contains(csv, "\nn01440764,tench,"));
  CHECK(contains(csv, "\nn01443537,\"goldfish, Carassius auratus\","));
  CHECK(contains(csv, "\n2,noodle,"));
  CHECK(contains(csv, "\n7,class 7,"));
}

TEST_CASE("noise is Gaussian, and a picture depends on its number alone", "[noise]") {
  const Shape shape{40, 50, 3};
  const Matrix images = noise_images(shape, {120, 30}, 0, 5, 9);
  const double mean = images.cast<double>().mean();
  const double deviation = std::sqrt((images.cast<double>().array() - mean).square().mean());
  CHECK(255 * mean == Approx(120).margin(1));  // 30,000 draws: a standard error of 0.17
  CHECK(255 * deviation == Approx(30).margin(0.6));
  CHECK(noise_images(shape, {120, 30}, 3, 2, 9) == images.bottomRows(2));
  CHECK(noise_images(shape, {120, 30}, 0, 1, 10) != images.topRows(1));
}

TEST_CASE("noise is clipped before preprocessing, or as the book does after it", "[noise]") {
  ModelNotes notes;
  notes.input_range = ValueRange{-1, 1};  // a pixel p becomes 2 p - 1
  const PreprocessedClassifier model(
      std::make_unique<NetworkClassifier>(load_model(golden_model())), notes);
  const ChannelRanges before = noise_ranges(model, NoiseClip::kBefore);
  REQUIRE(before.size() == 1);
  CHECK(before[0].low == 0);
  CHECK(before[0].high == 1);
  // After it 0 to 255 are kept, which pixels of 0.5 to 128 become.
  const ChannelRanges after = noise_ranges(model, NoiseClip::kAfter);
  REQUIRE(after.size() == 1);
  CHECK(after[0].low == Approx(0.5));
  CHECK(after[0].high == Approx(128));
  NoiseRun run;
  run.levels = {{40, 60}};
  run.clip = NoiseClip::kAfter;
  const Matrix picture = noise_picture(model, run, 0, 0);
  CHECK(picture.minCoeff() == Approx(0.5));
  run.clip = NoiseClip::kBefore;
  CHECK(noise_picture(model, run, 0, 0).minCoeff() == 0);
}

TEST_CASE("an interval of a mean is Student's", "[interval]") {
  // By scipy.stats.t.interval of mean and standard error.
  const std::vector<double> two{1, 2}, four{0.1, 0.4, 0.2, 0.25},
      many{3, 5, 4, 6, 2, 5, 4, 4, 3, 4};
  const Interval of_two = mean_interval(two);
  CHECK(of_two.low == Approx(-4.8531).epsilon(1e-3));
  CHECK(of_two.high == Approx(7.8531).epsilon(1e-3));
  const Interval of_four = mean_interval(four);
  CHECK(of_four.low == Approx(0.0386).margin(1e-3));
  CHECK(of_four.high == Approx(0.4364).margin(1e-3));
  const Interval of_many = mean_interval(many);
  CHECK(of_many.low == Approx(3.1740).margin(1e-3));
  CHECK(of_many.high == Approx(4.8261).margin(1e-3));
}

TEST_CASE("attack takes pictures of noise, and is after confidence", "[command]") {
  const TemporaryFolder folder;
  const Arguments pgd{"attack", "pgd", "--model", golden_model(), "--epsilon", "0.2"};
  const Json json = json_of(with(pgd, {"--from-noise", "128:40", "--count", "6", "--out",
                                       folder / "a.npy", "--sheet", folder / "sheet.png"}));
  CHECK(json.at("n") == 6);
  CHECK(json.at("labelled") == false);
  CHECK(contains(json.at("settings").get<std::string>(), "confidence 0.9"));
  CHECK(json.at("perturbation").at("linf_largest").get<double>() <= 0.2 + 1e-6);
  CHECK(fs::exists(folder / "sheet.png"));

  // What succeeded is read as another class than the noise itself was, with 0.9 or more.
  const NetworkClassifier model(load_model(golden_model()));
  Matrix images = noise_images({28, 28, 1}, {128, 40}, 0, 6, 1);
  clip_channels(images, {{0, 1}});
  const NpyArray array = read_npy(folder / "a.npy");
  REQUIRE(array.floats().size() == 6 * 784);
  const Matrix adversaries = Eigen::Map<const Matrix>(array.floats().data(), 6, 784);
  const Labels before = most_likely(model.logits(images));
  const Matrix logits = model.logits(adversaries);
  int count = 0;
  for (int i = 0; i < 6; ++i) {
    CHECK(distance(adversaries.row(i).data(), images.row(i).data(), 784, Norm::kLinf) < 0.2001F);
    Eigen::Index best = 0;
    const double largest = logits.row(i).maxCoeff(&best);
    const double p = 1 / (logits.row(i).cast<double>().array() - largest).exp().sum();
    count += best != before[static_cast<std::size_t>(i)] && p >= 0.9;
  }
  CHECK(json.at("success").at("count") == count);

  // A picture depends on its number alone, and other settings are heeded.
  run_well(with(
      pgd, {"--from-noise", "128:40", "--start", "4", "--count", "2", "--out", folder / "b.npy"}));
  const NpyArray last = read_npy(folder / "b.npy");
  CHECK(std::equal(last.floats().begin(), last.floats().end(), array.floats().begin() + 4 * 784));
  const Json target = json_of(with(
      pgd, {"--from-noise", "128:40", "--count", "6", "--target", "3", "--confidence", "0.5"}));
  CHECK(target.at("target") == 3);
  CHECK(contains(run_well(with(pgd, {"--from-noise", "128:40", "--count", "2"})).out,
                 "class before"));
}

TEST_CASE("noise: what cannot be is refused in words", "[command]") {
  const TemporaryFolder folder;
  const auto refused = [&](const Arguments& more, const std::vector<std::string>& words) {
    check_refused(folder, noise(with({"--out", folder / "noise.csv"}, more)), 2, words);
  };
  refused({"--mean", "50:50:10"}, {"--mean", "holds no number"});
  refused({"--mean", "50:200:-10"}, {"--mean", "holds no number"});
  refused({"--mean", "50:200:0"}, {"--mean", "a step of 0"});
  refused({"--mean", "50:b:10"}, {"--mean", "'b' is not a number", "FROM:TO:STEP"});
  refused({"--mean", ""}, {"--mean", "is not a number"});
  refused({"--mean", "1:2:3:4"}, {"--mean", "more than three parts"});
  refused({"--mean", "200:300:10"}, {"--mean", "260 is not within 0 to 255"});
  refused({"--mean", "0:1e9:1e-3"}, {"--mean", "more than 10000 numbers"});
  refused({"--sigma=-10:10:5"}, {"--sigma", "-10 is not within 0 to 1000"});
  refused({"--draws", "0"}, {"--draws"});
  refused({"--clip", "never"}, {"--clip"});
  refused({"--mean", "0:250:0.1", "--sigma", "0:999:0.5", "--grid"}, {"more than 1,000,000"});
  check_refused(folder, noise({"--out", folder / "none/noise.csv"}), 1, {"none"});
  check_refused(folder, noise({}), 2, {"--out"});

  const Arguments pgd{"attack", "pgd", "--model", golden_model()};
  const auto attack_refused = [&](const Arguments& more, const std::vector<std::string>& words) {
    check_refused(folder, with(pgd, more), 2, words);
  };
  attack_refused({"--from-noise", "128"}, {"--from-noise", "MEAN:SIGMA"});
  attack_refused({"--from-noise", "300:10"}, {"--from-noise", "300 is not within 0 to 255"});
  attack_refused({"--from-noise=100:-1"}, {"--from-noise", "-1 is not within"});
  attack_refused({"--from-noise", "a:b"}, {"--from-noise", "'a' is not a number"});
  attack_refused({"--from-noise", "128:40", "--data", small_data()}, {"--from-noise", "--data"});
  attack_refused({"--from-noise", "128:40", "--count", "0"}, {"--count 0", "no end"});
}

TEST_CASE("noise asks only models that say how sure they are", "[noise]") {
  std::ostringstream out;
  Progress progress(out, {});
  NoiseRun run;
  run.levels = {{128, 20}};
  const auto told = [&](Knowledge gives) -> std::string {
    try {
      read_noise(LabelsAlone(gives), run, progress);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(contains(told(Knowledge::kLabels), "black.box: gives labels and no probabilities"));
  CHECK(contains(told(Knowledge::kTopProbability), "take --top 1"));
  CHECK(told(Knowledge::kProbabilities).empty());
  run.top = 1;
  CHECK(told(Knowledge::kTopProbability).empty());
}
