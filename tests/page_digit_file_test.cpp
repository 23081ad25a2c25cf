// Arrays of digits that a visitor brings, and digits and adversaries that go out as such.
#include <cstring>

#include "catch.h"
#include "page_call.h"
#include "refusal_of.h"
#include "web/app/actions.h"
#include "web/app/controls.h"
#include "web/app/mirror.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

// Pixel i of image n, a level.
std::uint8_t level(int n, int i) { return static_cast<std::uint8_t>((37 * n + 11 * i) % 256); }

// A .npy file written by the letter of NumPy's description of the format.
template <class Value>
Bytes npy(const std::string& type, const std::string& shape, int count, Value value) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
  file.insert(file.end(), header.begin(), header.end());
  for (int n = 0; n < count; ++n) {
    for (int i = 0; i < kPictureSize; ++i) {
      const auto one = value(n, i);
      std::uint8_t bytes[sizeof one];
      std::memcpy(bytes, &one, sizeof one);
      file.insert(file.end(), std::begin(bytes), std::end(bytes));
    }
  }
  return file;
}

float share(int n, int i) { return static_cast<float>(level(n, i)) / 255; }

Bytes idx(int count, std::uint8_t side = 28, std::uint8_t magic = 3) {
  Bytes file{0, 0, 8, magic, 0, 0, 0, static_cast<std::uint8_t>(count),
             0, 0, 0, side,  0, 0, 0, side};
  for (int n = 0; n < count; ++n) {
    for (int i = 0; i < side * side; ++i) file.push_back(level(n, i));
  }
  return file;
}

Bytes levels_of(int n) {
  Bytes levels;
  for (int i = 0; i < kPictureSize; ++i) levels.push_back(level(n, i));
  return levels;
}

std::string refused(PageFixture& page, const Bytes& file, const std::string& name, int number = 0) {
  return call(page, "openDigits", {{"name", name}, {"number", number}}, file).error;
}

}  // namespace

TEST_CASE("digits come in as arrays of every form, and the one of a number is taken") {
  const auto level_of = [](int n, int i) { return level(n, i); };
  const auto whole = [](int n, int i) { return static_cast<float>(level(n, i)); };
  const std::tuple<const char*, Bytes, const char*> files[] = {
      {"bytes.npy", npy("|u1", "3, 28, 28", 3, level_of), "as it is"},
      {"channel.npy", npy("|u1", "3, 28, 28, 1", 3, level_of), "as it is"},
      {"first.npy", npy("<f4", "3, 1, 28, 28", 3, share), "as it is"},
      {"levels.npy", npy("<f4", "3, 28, 28", 3, whole), "its 0 to 255 divided by 255"},
      {"t10k-images-idx3-ubyte", idx(3), "as it is"},
  };
  for (const auto& [name, file, how] : files) {
    INFO(name);
    PageFixture page;
    const ApiReply reply = call(page, "openDigits", {{"name", name}, {"number", 2}}, file);
    REQUIRE(reply.error.empty());
    CHECK(reply.value.at("how") == "image 2 of 0 to 2, " + std::string(how));
    CHECK(reply.value.at("image") == 2);
    CHECK(reply.value.at("images") == 3);
    CHECK(call(page, "image").body == levels_of(2));
    CHECK(page.app.notice.text ==
          name + (" is on the pad: image 2 of 0 to 2, " + std::string(how)) + ".");
    CHECK(call(page, "takeImage", 1).value.at("image") == 1);
    CHECK(call(page, "image").body == levels_of(1));
    CHECK(call(page, "state").value.at("pad").at("image") == 1);
    CHECK(call(page, "takeImage", 3).error ==
          std::string(name) + ": has no image 3; they are 0 to 2");
    CHECK(call(page, "image").body == levels_of(1));
  }
  PageFixture page;
  CHECK(call(page, "takeImage", 0).error == "no array of digits is open");
  const ApiReply one =
      call(page, "openDigits", {{"name", "one.npy"}}, npy("<f4", "28, 28", 1, share));
  CHECK(one.value.at("how") == "as it is");
  CHECK(one.value.at("images") == 1);
  const auto finer = [](int, int i) { return static_cast<float>(i) / 800; };
  CHECK(call(page, "openDigits", {{"name", "f.npy"}}, npy("<f4", "28, 28", 1, finer))
            .value.at("how") == "rounded to 256 levels");
}

TEST_CASE("what is no array of digits is refused in words, and what is on the pad stays") {
  PageFixture page;
  page.draw_seven();
  const Bytes before = call(page, "image").body;
  const auto beyond = [](int, int i) { return i == 5 ? 300.0F : 1.0F; };
  const auto negative = [](int, int i) { return i == 5 ? -0.5F : 0.5F; };
  const auto none = [](int, int i) { return i == 5 ? NAN : 0.5F; };
  const auto wide = [](int, int) { return std::int64_t{3}; };
  Bytes cut = npy("<f4", "3, 28, 28", 3, share);
  cut.resize(cut.size() - 100);
  Bytes many = idx(1);
  many[4] = 0xff;  // announces four thousand million
  const std::tuple<const char*, Bytes, const char*> files[] = {
      {"cut.npy", cut, "values its header announces"},
      {"large.npy", npy("<f4", "1, 28, 28", 1, beyond),
       "reach 300, and pixels as floats are 0 to 1"},
      {"minus.npy", npy("<f4", "1, 28, 28", 1, negative),
       "from -0.5 to 0.5, and pixels are 0 to 1"},
      {"nan.npy", npy("<f4", "1, 28, 28", 1, none), "image number 0 holds nan"},
      {"wide.npy", npy("<i8", "1, 28, 28", 1, wide), "integers that are not uint8"},
      {"flat.npy", npy("<f4", "784,", 1, share), "reshape it to [N, 28, 28]"},
      {"none.npy", npy("<f4", "0, 28, 28", 0, share), "holds no images"},
      {"huge.npy", npy("<f4", "4000000000, 4000000000, 4000000000", 0, share), "be counted"},
      {"empty.npy", {}, "is not a .npy file"},
      {"a.npz", {'P', 'K', 3, 4, 0, 0}, "ZIP archive"},
      {"many-ubyte", many, "the download is incomplete"},
      {"small-ubyte", idx(2, 20), "20 x 20 pixels, and the networks here read 28 x 28"},
      {"labels-ubyte", idx(1, 28, 1), "holds labels where images are wanted"},
      {"broken.gz", {0x1f, 0x8b, 8, 0, 1, 2, 3}, "broken.gz: "},
      {"text.idx", {'a', ',', 'b', '\n', '1'}, "not an IDX file"},
  };
  for (const auto& [name, file, why] : files) {
    INFO(name);
    const std::string error = refused(page, file, name);
    CAPTURE(error);
    CHECK(error.find(name) == 0);
    CHECK(error.find(why) != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
  }
  CHECK(refused(page, idx(2), "two-ubyte", 2) == "two-ubyte: has no image 2; they are 0 to 1");
  CHECK(refused(page, idx(1), "one-ubyte", 7) ==
        "one-ubyte: has no image 7; it holds one, number 0");
  CHECK(call(page, "openDigits", {{"name", "a"}, {"number", -1}}, idx(1)).error.find("number") !=
        std::string::npos);
  CHECK_FALSE(page.app.digit_file());
  CHECK(call(page, "image").body == before);
}

TEST_CASE("the images of a file are chosen by controls of the mirror and by keys") {
  PageFixture page;
  App& app = page.app;
  Overlays overlays;
  press_key(app, overlays, '.');  // nothing is open
  CHECK(app.pad.empty());
  CHECK_FALSE(find_control("image_number")->is_shown(app));
  REQUIRE(refused(page, idx(1), "one-ubyte").empty());
  CHECK_FALSE(find_control("image_number")->is_shown(app));
  REQUIRE(refused(page, idx(5), "five-ubyte").empty());
  REQUIRE(find_control("image_number")->is_shown(app));
  use_control(app, {{"name", "image_number"}, {"value", 3}});
  CHECK(app.image_on_pad() == 3);
  use_control(app, {{"name", "image_number"}, {"value", 1e9}});
  CHECK(app.image_on_pad() == 4);
  CHECK(refusal_of([&] {
          use_control(app, {{"name", "next_image"}});
        }) == "control: 'Next' cannot be used now");
  press_key(app, overlays, ',');
  CHECK(app.image_on_pad() == 3);
  press_key(app, overlays, '.');
  press_key(app, overlays, '.');  // past the last is nothing
  CHECK(app.image_on_pad() == 4);
  app.pad.undo();
  CHECK(app.image_on_pad() == 3);
  app.pad.clear();
  CHECK_FALSE(app.image_on_pad());
  use_control(app, {{"name", "next_image"}});
  CHECK(app.image_on_pad() == 0);
}

TEST_CASE("adversaries and digits go out as arrays, and come in again as they were") {
  PageFixture page(standard_weights());
  App& app = page.app;
  CHECK(call(page, "saveImage", {{"what", "digit"}}).error == "saveImage: there is no digit yet");
  CHECK(call(page, "saveImage").error == "saveImage: there is no adversary yet");
  page.draw_seven();
  const Bytes digit = to_bytes(app.pad.picture());
  const Picture adversary = app.outcome()->adversary.pixels;
  for (const char* name : {"save_adversary_npy", "save_adversary_idx", "save_digit_png",
                           "save_digit_npy", "save_digit_idx"}) {
    use_control(app, {{"name", name}});
  }
  REQUIRE(page.saved.size() == 5);
  const char* names[] = {"adversary.npy", "adversary-idx3-ubyte", "digit.png", "digit.npy",
                         "digit-idx3-ubyte"};
  for (std::size_t i = 0; i < 5; ++i) CHECK(page.saved[i].first == names[i]);
  CHECK(app.notice.text == "The digit was saved as digit-idx3-ubyte.");
  // By the letter of the formats.
  const Bytes& out = page.saved[0].second;
  const std::string header(out.begin() + 10, out.begin() + 128);
  CHECK(header.find("'shape': (1, 28, 28, 1)") != std::string::npos);
  CHECK(std::memcmp(out.data() + 128, adversary.data(), kPictureSize * sizeof(float)) == 0);
  Bytes expected{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28};
  expected.insert(expected.end(), digit.begin(), digit.end());
  CHECK(page.saved[4].second == expected);
  CHECK(call(page, "saveImage", {{"what", "digit"}, {"format", "idx"}}).body == expected);
  CHECK(call(page, "saveImage").body == out);
  CHECK(call(page, "saveImage", {{"format", "jpg"}}).error ==
        "saveImage: format must be png, npy or idx, and is 'jpg'");
  CHECK(call(page, "saveImage", {{"what", "weights"}}).error ==
        "saveImage: what must be adversary or digit, and is 'weights'");
  for (const std::size_t file : {0U, 1U}) {
    REQUIRE(refused(page, page.saved[file].second, page.saved[file].first).empty());
    CHECK(app.pad.picture() == adversary);
    CHECK(app.pad.taken()->file->how == "as it is");
  }
}
