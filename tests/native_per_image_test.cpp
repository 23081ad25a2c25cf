// Results image by image, targets of their own, and options of single attacks, as users run them.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "native/per_image.h"
#include "native/png.h"
#include "refusals.h"

using namespace inoculate;

namespace {

using Table = std::vector<std::vector<std::string>>;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells{""};
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

Table table_of(const std::string& path) {
  const Bytes bytes = read_whole_file(path);
  Table table;
  for (const std::string& line : lines_of({bytes.begin(), bytes.end()})) {
    table.push_back(split(line));
    CHECK(table.back().size() == table.front().size());
  }
  return table;
}

std::vector<double> column(const Table& table, const std::string& name) {
  const auto at = std::find(table[0].begin(), table[0].end(), name) - table[0].begin();
  REQUIRE(static_cast<std::size_t>(at) < table[0].size());
  std::vector<double> values;
  for (std::size_t row = 1; row < table.size(); ++row) {
    values.push_back(std::stod(table[row][static_cast<std::size_t>(at)]));
  }
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Arguments attack_with(const std::string& name, const Arguments& more) {
  return with({"attack", name, "--data", small_data(), "--model", golden_model()}, more);
}

}  // namespace

TEST_CASE("lines of --per-image add up to what the command tells", "[command]") {
  const TemporaryFolder folder;
  const std::string csv = folder / "images.csv", out = folder / "adversaries.npy";
  for (const Arguments& more :
       {Arguments{}, Arguments{"--target", "8"}, Arguments{"--target", "random"},
        Arguments{"--target", "least-likely"}}) {
    CAPTURE(more);
    const Json json =
        json_of(with(attack_with("pgd", {"--start", "20", "--count", "60", "--steps", "5",
                                         "--epsilon", "0.15", "--per-image", csv, "--out", out}),
                     more));
    const Table table = table_of(csv);
    CHECK(lines_of(kAttackColumns)[0] == [&] {
      std::string heading;
      for (const auto& cell : table[0]) heading += (heading.empty() ? "" : ",") + cell;
      return heading;
    }());
    REQUIRE(static_cast<int>(table.size()) == json.at("n").get<int>() + 1);
    const auto index = column(table, "index"), label = column(table, "label");
    const auto before = column(table, "read_before"), after = column(table, "read_after");
    const auto stored = column(table, "read_8bit");
    const auto success = column(table, "success"), success_8bit = column(table, "success_8bit");
    const auto targets = more.empty() ? std::vector<double>() : column(table, "target");
    const Dataset images = small_test();
    int right = 0, still_right = 0, stored_right = 0, fooled = 0, stored_fooled = 0;
    for (std::size_t i = 0; i < label.size(); ++i) {
      CHECK(label[i] == images.labels[static_cast<std::size_t>(index[i])]);
      if (!targets.empty()) CHECK(targets[i] != label[i]);
      if (more.size() > 1 && more[1] == "8") CHECK(targets[i] == 8);
      const auto wanted = [&](double read) {
        return targets.empty() ? read != label[i] : read == targets[i];
      };
      CHECK((success[i] == 1) == wanted(after[i]));
      CHECK((success_8bit[i] == 1) == wanted(stored[i]));
      right += before[i] == label[i];
      still_right += after[i] == label[i];
      stored_right += stored[i] == label[i];
      fooled += before[i] == label[i] && success[i] == 1;
      stored_fooled += before[i] == label[i] && success_8bit[i] == 1;
    }
    const double n = static_cast<double>(label.size());
    CHECK(json.at("clean_accuracy").get<double>() == Approx(right / n));
    CHECK(json.at("adversarial_accuracy").get<double>() == Approx(still_right / n));
    CHECK(json.at("stored_accuracy").get<double>() == Approx(stored_right / n));
    CHECK(json.at("success").at("n") == right);
    CHECK(json.at("success").at("count") == fooled);
    CHECK(json.at("stored_success").at("count") == stored_fooled);
    const Json& size = json.at("perturbation");
    for (const char* norm : {"linf", "l2", "l1", "l0"}) {
      CHECK(mean(column(table, norm)) ==
            Approx(size.at(std::string(norm) + "_mean").get<double>()).epsilon(1e-4));
    }
    CHECK(mean(column(table, "gradient")) == Approx(json.at("gradient_calls").get<double>()));
    CHECK(mean(column(table, "forward")) == Approx(json.at("forward_calls").get<double>()));
    // The distances are those of the adversaries that were written.
    const std::vector<float> adversaries = read_npy(out).floats();
    const auto l1 = column(table, "l1");
    for (std::size_t i = 0; i < l1.size(); i += 7) {
      const auto at = static_cast<std::size_t>(index[i]);
      double sum = 0;
      for (std::size_t p = 0; p < 784; ++p) {
        sum += std::abs(static_cast<double>(adversaries[(at - 20) * 784 + p]) -
                        static_cast<double>(pixel(images, at * 784 + p)));
      }
      CHECK(l1[i] == Approx(sum).epsilon(1e-4));
    }
  }
}

TEST_CASE("a target each is told, and what it cannot be is refused", "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of(attack_with("fgsm", {"--count", "20", "--target", "random"}));
  CHECK(json.at("target") == "random");
  CHECK(json.at("left_out") == 0);
  CHECK(contains(json.at("settings").get<std::string>(), "a target each: random"));
  for (const char* name : {"universal", "patch"}) {
    check_refused(folder, attack_with(name, {"--target", "least-likely"}), 2,
                  {"--target least-likely", name, "one class"});
  }
  check_refused(folder, attack_with("fgsm", {"--target", "unlikely"}), 2,
                {"--target 'unlikely'", "random", "least-likely"});
  check_refused(folder, attack_with("fgsm", {"--target", "1.5"}), 2, {"--target '1.5'"});
}

TEST_CASE("robustness --per-image tells which attacks broke an image", "[command]") {
  const TemporaryFolder folder;
  const std::string csv = folder / "images.csv";
  const Json json =
      json_of({"robustness", "--data", small_data(), "--model", golden_model(), "--attacks",
               "fgsm,bim", "--count", "40", "--epsilon", "0.05", "--per-image", csv});
  const Table table = table_of(csv);
  REQUIRE(table.size() == 41);
  const Json& model = json.at("models")[0];
  CHECK(mean(column(table, "read_right")) == Approx(model.at("clean").get<double>()));
  CHECK(mean(column(table, "robust")) == Approx(model.at("worst_case").get<double>()));
  int fgsm = 0, bim = 0;
  for (std::size_t row = 1; row < table.size(); ++row) {
    const std::string& first = table[row][5];
    const std::string& all = table[row][6];
    CHECK(table[row][1] == std::to_string(row - 1));
    fgsm += contains(all, "fgsm");
    bim += contains(all, "bim");
    CHECK(first.empty() == all.empty());
    CHECK(all.starts_with(first));
    CHECK((table[row][4] == "1") == (table[row][3] == "1" && all.empty()));
  }
  const int clean = static_cast<int>(std::lround(40 * model.at("clean").get<double>()));
  const auto left = [&](std::size_t attack) {
    return static_cast<int>(
        std::lround(40 * model.at("attacks")[attack].at("accuracy").get<double>()));
  };
  CHECK(clean - fgsm == left(0));
  CHECK(clean - bim == left(1));
}

TEST_CASE("a patch is written as the picture that all adversaries hold", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy", png = folder / "patch.png";
  run_well(attack_with("patch", {"--count", "10", "--steps", "3", "--patch-size", "0.02",
                                 "--patch-at", "5,7", "--patch-out", png, "--out", out}));
  const ColorPicture picture = read_png(read_whole_file(png), png);
  REQUIRE(picture.width == 4);  // 0.02 * 784 pixels are 3.96 squared
  REQUIRE(picture.height == 4);
  const std::vector<float> adversaries = read_npy(out).floats();
  for (std::size_t i = 0; i < 10; ++i) {
    const float corner = adversaries[i * 784 + 5 * 28 + 7];
    CHECK(corner == Approx(adversaries[5 * 28 + 7]));
    CHECK(std::abs(255 * corner - std::round(255 * corner)) < 1e-3F);
  }
  check_refused(folder, attack_with("patch", {"--patch-at", "26,0"}), 1, {"row 26", "28x28"});
  check_refused(folder, attack_with("patch", {"--patch-at", "here"}), 2, {"--patch-at", "row"});
  check_refused(folder, attack_with("patch", {"--patch-size", "1.5"}), 2, {"--patch-size"});
}

TEST_CASE("gradients over transformations are counted, and labels alone say where they start",
          "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of(attack_with("bim", {"--count", "10", "--steps", "3", "--eot", "4"}));
  CHECK(json.at("gradient_calls") == 12);
  CHECK(contains(json.at("settings").get<std::string>(), "the mean over 4 changes"));
  check_refused(folder, attack_with("bim", {"--eot-shift", "2"}), 2, {"--eot"});
  check_refused(folder, attack_with("square", {"--eot", "4"}), 2, {"--eot"});
  // One image alone has none of the target's class to start from.
  const Json alone = json_of(attack_with(
      "hop-skip-jump", {"--count", "1", "--norm", "l2", "--queries", "50", "--target", "random"}));
  CHECK(contains(alone.at("notes").dump(), "nothing was found to start from"));
  CHECK(alone.at("success").at("count") == 0);
}
