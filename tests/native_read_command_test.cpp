// inoculate evaluate and predict as users run them.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "command_checks.h"
#include "jpeg_files.h"
#include "native/png.h"
#include "picture_files.h"

using namespace inoculate;

TEST_CASE("evaluate counts every image once, and fewer with --count", "[command]") {
  const Json all = json_of(golden("evaluate"));
  check_evaluation(all, kSmallTest);
  CHECK(all.at("accuracy").get<double>() > 0.95);
  int sum = 0, right = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    int of_label = 0;
    for (std::size_t guess = 0; guess < 10; ++guess) {
      of_label += all.at("confusion").at(label).at(guess).get<int>();
    }
    const Json& scores = all.at("classes").at(label);
    CHECK(scores.at("label") == label);
    CHECK(scores.at("n") == of_label);
    CHECK(scores.at("recall").get<double>() <= 1);
    CHECK(scores.at("precision").get<double>() <= 1);
    sum += of_label;
    right += all.at("confusion").at(label).at(label).get<int>();
  }
  CHECK(sum == kSmallTest);
  CHECK(all.at("accuracy").get<double>() == Approx(static_cast<double>(right) / kSmallTest));
  check_evaluation(json_of(with(golden("evaluate"), {"--count", "50"})), 50);
  check_evaluation(json_of(with(golden("evaluate"), {"--split", "train"})), kSmallTrain);

  const CommandResult text = run_well(golden("evaluate"));
  CHECK(text.err.empty());
  CHECK(contains(text.out, "n = 200"));
}

TEST_CASE("predict writes Keras's logits", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "logits.npy";
  const Json json = json_of(with(golden("predict"), {"--count", "50", "--logits", out}));
  const NpyArray logits = read_npy(out);
  CHECK(logits.shape == std::vector<std::int64_t>{50, 10});
  const std::vector<float>& ours = logits.floats();
  // The small test images are the first golden ones, in order.
  const NpyArray golden_logits = golden_npy("keras_logits.npy");
  const std::vector<float>& keras = golden_logits.floats();
  float largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(ours[i] - keras[i]));
  }
  CHECK(largest < 1e-4F);

  const Dataset images = small_test();
  CHECK(json.at("n") == 50);
  REQUIRE(json.at("predictions").size() == 50);
  for (std::size_t i = 0; i < 50; ++i) {
    const Json& prediction = json.at("predictions").at(i);
    CHECK(prediction.at("image") == "test[" + std::to_string(i) + "]");
    CHECK(prediction.at("label") == images.labels[i]);
    const Json& top = prediction.at("top");
    REQUIRE(top.size() == 3);
    const auto row = keras.begin() + static_cast<std::ptrdiff_t>(10 * i);
    CHECK(top.at(0).at("class") == std::max_element(row, row + 10) - row);
    CHECK(top.at(0).at("confidence").get<double>() >= top.at(1).at("confidence").get<double>());
    CHECK(top.at(1).at("confidence").get<double>() >= top.at(2).at("confidence").get<double>());
  }
  const Json later = json_of(with(golden("predict"), {"--start", "30", "--count", "2"}));
  REQUIRE(later.at("predictions").size() == 2);
  CHECK(later.at("predictions")[0].at("image") == "test[30]");
  CHECK(later.at("predictions")[1].at("label") == images.labels[31]);
  CHECK(later.at("predictions")[1].at("top") == json.at("predictions")[31].at("top"));
  const Json ten = json_of(with(golden("predict"), {"--count", "1", "--top", "10"}));
  double sum = 0;
  for (const Json& guess : ten.at("predictions").at(0).at("top")) {
    sum += guess.at("confidence").get<double>();
  }
  CHECK(sum == Approx(1).margin(1e-5));
}

TEST_CASE("predict reads a digit from a PNG, as it is and large and dark on white", "[command]") {
  const TemporaryFolder folder;
  const Dataset images = small_test();
  Arguments as_it_is = {"predict", "--model", golden_model(), "--logits", folder / "small.npy"};
  Arguments large = {"predict", "--model", golden_model()};
  constexpr int kDigits = 10;
  for (int i = 0; i < kDigits; ++i) {
    GreyImage digit{28, 28, {}};
    digit.pixels.assign(images.pixels.begin() + 784 * i, images.pixels.begin() + 784 * (i + 1));
    Canvas canvas(28, 28, {0, 0, 0});
    canvas.blit(digit, {0, 0, 28, 28});
    as_it_is.push_back(folder / (std::to_string(i) + ".png"));
    write_whole_file(as_it_is.back(), write_png(canvas));

    for (std::uint8_t& grey : digit.pixels) grey = static_cast<std::uint8_t>(255 - grey);
    Canvas paper(280, 280, {255, 255, 255});
    paper.blit(digit, {0, 0, 280, 280});
    large.push_back(folder / ("large" + std::to_string(i) + ".png"));
    write_whole_file(large.back(), write_png(paper));
  }
  const Json small_ones = json_of(as_it_is);
  const Json large_ones = json_of(large);
  run_well(with(golden("predict"), {"--count", "10", "--logits", folder / "data.npy"}));
  CHECK(read_npy(folder / "small.npy").floats() == read_npy(folder / "data.npy").floats());
  for (std::size_t i = 0; i < kDigits; ++i) {
    const Json& small_one = small_ones.at("predictions").at(i);
    const Json& large_one = large_ones.at("predictions").at(i);
    CHECK(small_one.at("image") == as_it_is[5 + i]);
    CHECK_FALSE(small_one.contains("label"));
    CHECK(small_one.at("top").at(0).at("class") == large_one.at("top").at(0).at("class"));
    CHECK(small_one.at("prepared") == "as it is");
    CHECK(large_one.at("prepared") == "dark ink on light ground");
  }
  const CommandResult text = run_well(large);
  CHECK(contains(text.out, "read as"));
  CHECK(contains(text.out, large.back()));
  CHECK(contains(text.out, "dark ink on light ground"));
  // Images of a data set are not prepared.
  const Json data = json_of(with(golden("predict"), {"--count", "1"}));
  CHECK_FALSE(data.at("predictions").at(0).contains("prepared"));
}

TEST_CASE("predict reads one digit the same from every format", "[command]") {
  const TemporaryFolder folder;
  const Dataset images = small_test();
  constexpr int kSide = 112;
  Row grey, palette;  // dark on light, each pixel 4 x 4 times
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const std::uint8_t ink = images.pixels[static_cast<std::size_t>(y / 4 * 28 + x / 4)];
      grey.push_back(static_cast<std::uint8_t>(255 - ink));
    }
  }
  for (int i = 0; i < 256; ++i) {
    for (int c = 0; c < 4; ++c) palette.push_back(static_cast<std::uint8_t>(c < 3 ? i : 0));
  }
  JpegForm jpeg;
  jpeg.width = jpeg.height = kSide;
  jpeg.samples = JCS_GRAYSCALE;
  Row frame;  // in the GIF's colours: white, grey and black
  for (const std::uint8_t value : grey) frame.push_back(value > 192 ? 1 : value > 64 ? 3 : 0);
  const std::string head = "P5 112 112 255 ";
  write_whole_file(folder / "digit.pgm", joined(Bytes(head.begin(), head.end()), grey));
  write_whole_file(folder / "digit.bmp", Bmp{40, kSide, -kSide, 8, 0, {}, palette, grey}.bytes());
  // A name that promises another format does not matter.
  write_whole_file(folder / "digit.png", encode_jpeg(jpeg, grey));
  write_whole_file(folder / "digit.gif",
                   gif(kSide, kSide, {{0, 0, kSide, kSide, frame}, {0, 0, 1, 1, {0}}}));
  Arguments arguments = {"predict", "--model", golden_model()};
  for (const char* name : {"digit.pgm", "digit.bmp", "digit.png", "digit.gif"}) {
    arguments.push_back(folder / name);
  }
  const Json json = json_of(arguments);
  REQUIRE(json.at("predictions").size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& prediction = json.at("predictions").at(i);
    INFO(prediction.at("image"));
    CHECK(prediction.at("top").at(0).at("class") == images.labels[0]);
    CHECK(prediction.at("prepared") ==
          (i == 3 ? "first frame, dark ink on light ground" : "dark ink on light ground"));
  }
}
