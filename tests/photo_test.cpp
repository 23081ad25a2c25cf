// Pictures as networks take them: the same bytes that Pillow gives.
#include "picture/photo.h"

#include "catch.h"
#include "data/base64.h"
#include "golden_files.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// The pictures of tests/golden/make_photos.py.
ColorPicture noise(int width, int height, bool transparent) {
  ColorPicture picture{width, height, {}};
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(width * height * 4); ++i) {
    std::uint32_t h = i;
    h = (h ^ (h >> 16)) * 0x85EBCA6B;
    h = (h ^ (h >> 13)) * 0xC2B2AE35;
    h ^= h >> 16;
    picture.rgba.push_back(i % 4 == 3 && !transparent ? 255 : static_cast<std::uint8_t>(h));
  }
  return picture;
}

std::vector<int> levels(const std::vector<float>& pixels) {
  std::vector<int> all;
  for (const float pixel : pixels) all.push_back(static_cast<int>(std::lround(255 * pixel)));
  return all;
}

}  // namespace

TEST_CASE("pictures are resized and cut as Pillow does") {
  const nlohmann::json golden = golden_json("photos.json");
  REQUIRE(golden["cases"].size() == 15);
  for (const nlohmann::json& item : golden["cases"]) {
    INFO(item.dump());
    const bool transparent = item["transparent"];
    const PictureRule rule{item["resize"], item["interpolation"] == "bicubic"
                                               ? Interpolation::kBicubic
                                               : Interpolation::kBilinear};
    const auto& network = item["network"];
    const PreparedPhoto photo =
        prepare_photo(noise(item["picture"][0], item["picture"][1], transparent),
                      {network[0], network[1], network[2]}, rule, "noise.png");
    const Bytes expected = from_base64url(item["pixels"].get<std::string>());
    const std::vector<int> actual = levels(photo.pixels);
    REQUIRE(actual.size() == expected.size());
    // Where it mixes colours with the ground, Pillow rounds its own way.
    const int allowed = transparent ? 1 : 0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      if (std::abs(actual[i] - expected[i]) > allowed) {
        FAIL_CHECK("byte " << i << " is " << actual[i] << ", not " << int{expected[i]});
      }
    }
  }
}

TEST_CASE("a picture of a network's own size stays as it is") {
  const ColorPicture picture = noise(6, 5, false);
  const PreparedPhoto photo = prepare_photo(picture, {5, 6, 3}, {}, "noise.png");
  CHECK(photo.how == "as it is");
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(photo.pixels[3 * i + c] == static_cast<float>(picture.rgba[4 * i + c]) / 255);
    }
  }
  CHECK(prepare_photo(picture, {5, 5, 3}, {}, "noise.png").how ==
        "resized to 7 x 6, its centre taken");
}

TEST_CASE("what is transparent is white") {
  ColorPicture picture{2, 1, {10, 20, 30, 0, 10, 20, 30, 255}};
  const PreparedPhoto photo = prepare_photo(picture, {1, 2, 3}, {}, "two.png");
  CHECK(levels(photo.pixels) == std::vector<int>{255, 255, 255, 10, 20, 30});
}

TEST_CASE("a picture is refused where it is none, or the network takes none") {
  const auto told = [](const ColorPicture& picture, Shape shape) {
    return refusal_of([&] { prepare_photo(picture, shape, {}, "a.png"); });
  };
  CHECK(told({0, 0, {}}, {4, 4, 3}) ==
        "'a.png' is not a whole picture; give its width x height pixels");
  CHECK(told({2, 2, std::vector<std::uint8_t>(15)}, {4, 4, 3}).find("whole") != std::string::npos);
  CHECK(told(noise(4, 4, false), {4, 4, 2}) ==
        "'a.png' is a picture, but the network takes images of 4 x 4 x 2 numbers; give an array "
        "of them");
  CHECK(told(noise(4, 4, false), {1, 1, 3}).find("1 x 1 x 3 numbers") != std::string::npos);
}
