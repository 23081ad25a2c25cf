#include <cmath>
#include <cstring>

#include "catch.h"
#include "page_call.h"
#include "picture/prepare.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

Bytes grey_image() {
  Bytes image(kPictureSize);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i % 251);
  return image;
}

// A seven in dark ink on light paper.
ColorPicture on_paper() {
  constexpr int kSide = 120;
  std::vector<float> ink(kSide * kSide);
  draw_strokes(ink, kSide, drawn_seven());
  ColorPicture picture{kSide, kSide, {}};
  for (const float value : ink) {
    const auto grey = static_cast<std::uint8_t>(std::lround(222 - 177 * value));
    picture.rgba.insert(picture.rgba.end(), {grey, grey, grey, 255});
  }
  return picture;
}

}  // namespace

TEST_CASE("an image goes in and comes out, and is read and attacked") {
  PageFixture page;
  CHECK(call(page, "setImage", nullptr, grey_image()).error.empty());
  CHECK(call(page, "image").body == grey_image());
  const int target = (page.app.reading()->best() + 1) % 10;
  const ApiReply attacked =
      call(page, "attack", {{"method", "fgsm"}, {"epsilon", 0.05}, {"target", target}});
  REQUIRE(attacked.body.size() == kPictureSize * sizeof(float));
  std::vector<float> adversary(kPictureSize);
  std::memcpy(adversary.data(), attacked.body.data(), attacked.body.size());
  for (std::size_t i = 0; i < adversary.size(); ++i) {
    CHECK(std::abs(adversary[i] - static_cast<float>(grey_image()[i]) / 255) <= 0.0501F);
  }
  const Json state = call(page, "state").value;
  CHECK(state.at("pad").at("source") == "image");
  CHECK(state.at("attack").at("settings").at("target") == target);
  CHECK(state.at("attack").at("result").at("probabilities") == attacked.value.at("probabilities"));
  double sum = 0;
  for (const Json& p : state.at("prediction").at("probabilities")) sum += p.get<double>();
  CHECK(sum == Approx(1));
}

TEST_CASE("a picture is opened as the command prepares it, and a link carries it") {
  PageFixture page(standard_weights());
  const ColorPicture paper = on_paper();
  const PreparedDigit expected = prepare_picture(paper, "seven.png");
  const ApiReply reply = call(page, "openPicture",
                              {{"name", "seven.png"}, {"width", 120}, {"height", 120}}, paper.rgba);
  REQUIRE(reply.error.empty());
  CHECK(reply.value.at("how") == expected.how);
  CHECK(reply.value.at("prediction").at("digit") == 7);
  CHECK(call(page, "image").body == to_bytes(expected.pixels));
  const Json pad = call(page, "state").value.at("pad");
  CHECK(pad.at("source") == "picture");
  CHECK(pad.at("name") == "seven.png");
  CHECK(pad.at("how") == expected.how);
  CHECK(pad.at("label").is_null());
  CHECK(page.announced.front() == "seven.png is on the pad: " + expected.how + ".");

  const Picture before = page.app.pad.picture();
  const std::string link = call(page, "link").value;
  CHECK(call(page, "clear").error.empty());
  CHECK(call(page, "openLink", link).error.empty());
  CHECK(page.app.pad.picture() == before);
  page.app.pad.undo();
  page.app.pad.undo();
  CHECK(page.app.pad.picture() == before);
}

TEST_CASE("a picture that cannot be used is refused, and the pad keeps what it has") {
  PageFixture page;
  page.draw_seven();
  const Json before = call(page, "state").value.at("pad");
  const Picture drawn = page.app.pad.picture();
  const ColorPicture paper = on_paper();
  const auto refused = [&](const Json& argument, const Bytes& rgba, const char* reason) {
    const std::string error = call(page, "openPicture", argument, rgba).error;
    INFO(error);
    CHECK(error.find(reason) != std::string::npos);
    CHECK(call(page, "state").value.at("pad") == before);
    CHECK(page.app.pad.picture() == drawn);
  };
  const Json size{{"name", "a.png"}, {"width", 120}, {"height", 120}};
  refused(size, Bytes(paper.rgba.size(), 250), "'a.png' shows no digit");
  refused(size, {}, "'a.png' is not a whole picture");
  refused({{"name", "a.png"}, {"width", 121}, {"height", 120}}, paper.rgba, "not a whole picture");
  refused({{"name", "a.png"}, {"width", 65536}, {"height", 65536}}, {}, "width must be");
  refused({{"name", "a.png"}, {"width", 0}, {"height", 0}}, {}, "width must be");
  refused({{"name", 7}}, {}, "name must be a string");
  refused("a.png", {}, "object");
  std::string e_acutes = "a";  // of two bytes each, so that the limit falls into one of them
  for (int i = 0; i < 100; ++i) e_acutes += "\xC3\xA9";
  refused({{"name", e_acutes}, {"width", 1}, {"height", 1}}, {}, "\xC3\xA9...' is no");
  refused({{"name", "a\x07" + std::string(10000, 'b')}, {"width", 1}, {"height", 1}}, {},
          "b...' is no");
}

TEST_CASE("an empty pad is no prediction") {
  PageFixture page;
  const Json state = call(page, "state").value;
  CHECK(state.at("prediction").is_null());
  CHECK(state.at("pad").at("empty") == true);
  CHECK(call(page, "attack").error == "attack: the pad is empty");
}

TEST_CASE("inoculate and evaluate answer when they are done") {
  PageFixture page;
  page.app.set_digits(page_digits(1150));
  const ApiReply done = call(page, "inoculate", {{"count", 100}, {"epochs", 1}});
  CHECK(done.error.empty());
  CHECK(done.value.at("after").at("fresh").at("n") == 1000);
  CHECK(call(page, "state").value.at("inoculation").at("rounds").size() == 1);
  CHECK(call(page, "evaluate", {{"epsilon", 0.1}, {"count", 100}}).value.at("fresh").at("n") ==
        100);
  CHECK(call(page, "reset").error.empty());
  CHECK(call(page, "state").value.at("model").at("inoculated") == false);
}

TEST_CASE("weights are saved and loaded; a bad file is refused and the page unharmed") {
  PageFixture page;
  const Bytes own = call(page, "saveWeights").body;
  const Bytes other = quick_weights(9);
  CHECK(call(page, "loadWeights", "other.safetensors", other).error.empty());
  CHECK(page.app.models().chosen_model().name == "loaded");
  const Bytes loaded = call(page, "saveWeights").body;
  const auto values = [](const Bytes& file) {
    std::vector<std::vector<float>> all;
    for (const NamedTensor& tensor : parse_safetensors(file, "test").tensors) {
      all.push_back(tensor.values);
    }
    return all;
  };
  CHECK(values(loaded) == values(other));
  CHECK(values(loaded) != values(own));
  Bytes cut = other;
  cut.resize(cut.size() / 2);
  for (const Bytes& bad : {Bytes(), Bytes(7), Bytes(100, 0xFF), cut}) {
    const ApiReply refused = call(page, "loadWeights", "bad.safetensors", bad);
    CHECK(refused.error.find("bad.safetensors") != std::string::npos);
    CHECK(page.app.notice.is_error);
    CHECK(call(page, "saveWeights").body == loaded);
  }
}

TEST_CASE("a size may be a fraction, and one in 255ths is told how to be written") {
  PageFixture page;
  call(page, "setImage", nullptr, grey_image());
  const ApiReply number = call(page, "attack", {{"method", "fgsm"}, {"epsilon", 8.0 / 255}});
  const ApiReply fraction = call(page, "attack", {{"method", "fgsm"}, {"epsilon", "8/255"}});
  CHECK(fraction.error.empty());
  CHECK(fraction.body == number.body);
  const ApiReply eight = call(page, "attack", {{"epsilon", 8}});
  CHECK(eight.error.find("8 of 255 is 0.0314 (write 8/255)") != std::string::npos);
  const ApiReply rate = call(page, "inoculate", {{"learning_rate", 8}});
  CHECK(rate.error == "inoculate: learning_rate must be from 1e-06 to 0.01");
}

TEST_CASE("calls that make no sense are errors of one line") {
  PageFixture page;
  page.app.set_digits(page_digits(1150));
  call(page, "setImage", nullptr, grey_image());
  const std::tuple<std::string, Json, Bytes> calls[] = {
      {"dance", nullptr, {}},
      {"setImage", nullptr, Bytes(783)},
      {"setImage", nullptr, {}},
      {"takeDigit", 1150, {}},
      {"takeDigit", -1, {}},
      {"takeDigit", "three", {}},
      {"takeDigit", 1.5, {}},
      {"attack", {{"epsilon", 0.7}}, {}},
      {"attack", {{"epsilon", "much"}}, {}},
      {"attack", {{"epsilon", "8/0"}}, {}},
      {"attack", {{"epsilon", 8}}, {}},
      {"attack", {{"epsilon", Json::array()}}, {}},
      {"attack", {{"epsilon", 1e300}}, {}},
      {"attack", {{"target", 4294967299.0}}, {}},
      {"attack", {{"target", 4294967299}}, {}},
      {"attack", {{"target", -1}}, {}},
      {"attack", {{"target", "3"}}, {}},
      {"attack", {{"steps", 1e300}}, {}},
      {"attack", {{"steps", 4294967297}}, {}},
      {"attack", {{"steps", true}}, {}},
      {"attack", {{"seed", -1}}, {}},
      {"attack", {{"seed", 0.5}}, {}},
      {"attack", {{"seed", 18446744073709551615U}}, {}},
      {"attack", {{"method", 3}}, {}},
      {"inoculate", {{"count", 4294967396}}, {}},
      {"inoculate", {{"seed", 1e300}}, {}},
      {"evaluate", {{"count", -4294967295}}, {}},
      {"takeDigit", 4294967297, {}},
      {"takeDigit", 18446744073709551615U, {}},
      {"takeDigit", 1e300, {}},
      {"takeDigit", nullptr, {}},
      {"takeDigit", true, {}},
      {"openLink", nullptr, {}},
      {"setImage", nullptr, Bytes(785)},
      {"attack", {{"steps", 0}}, {}},
      {"attack", {{"steps", 2.5}}, {}},
      {"attack", {{"method", "magic"}}, {}},
      {"attack", {{"target", 10}}, {}},
      {"attack", {{"strength", 1}}, {}},
      {"attack", 5, {}},
      {"inoculate", {{"count", 99}}, {}},
      {"inoculate", {{"count", 2001}}, {}},
      {"inoculate", {{"epochs", 0}}, {}},
      {"inoculate", {{"fresh", 1}}, {}},
      {"inoculate", {{"learning_rate", 1}}, {}},
      {"inoculate", Json::array(), {}},
      {"evaluate", {{"count", 0}}, {}},
      {"evaluate", {{"count", 1001}}, {}},
      {"openLink", 3, {}},
      {"openLink", "v=9", {}},
  };
  for (const auto& [name, argument, body] : calls) {
    INFO(name << ' ' << argument.dump());
    const ApiReply reply = call(page, name, argument, body);
    CHECK_FALSE(reply.error.empty());
    CHECK(reply.error.find('\n') == std::string::npos);
  }
  CHECK(page.app.experiments().rounds().empty());
}

TEST_CASE("weights are not replaced while an inoculation runs") {
  PageFixture page;
  page.app.set_digits(page_digits(1150));
  page.app.inoculate();
  std::vector<std::string> errors;
  const auto ask = [&](const char* name, const Bytes& body) {
    handle_call(page.app, Json::object(), name, nullptr, body,
                [&](const ApiReply& reply) { errors.push_back(reply.error); });
  };
  const int revision = page.app.models().revision();
  ask("reset", {});
  ask("loadWeights", quick_weights(4));
  CHECK_FALSE(page.app.choose_model(0));
  CHECK(page.app.models().revision() == revision);
  REQUIRE(errors.size() == 2);
  for (const std::string& error : errors) CHECK(error.find("running") != std::string::npos);
}

TEST_CASE("a second inoculation while one runs is refused") {
  PageFixture page;
  page.app.set_digits(page_digits(1150));
  page.app.inoculate();
  std::string error;
  page.app.inoculate([&](const JobResult& result) { error = result.error; });
  CHECK_FALSE(error.empty());
  page.work();
  CHECK(page.app.experiments().rounds().size() == 1);
}

TEST_CASE("the picture's own class is no target") {
  PageFixture page(standard_weights());
  page.draw_seven();
  const int read = page.app.reading()->best();
  for (const char* method : {"fgsm", "pgd"}) {
    const AttackSettings before = page.app.attack;
    const ApiReply refused = call(page, "attack", {{"method", method}, {"target", read}});
    CHECK(refused.error.find("target") != std::string::npos);
    CHECK(page.app.attack == before);
  }
  CHECK(call(page, "attack", {{"target", (read + 1) % 10}}).error.empty());
  // By hand, or as the picture changes under it, the target may become the label.
  page.app.attack.target = read;
  page.app.update();
  CHECK_FALSE(page.app.attacked());
  CHECK(page.app.refusal().find("Choose another digit") != std::string::npos);
  CHECK(page.announced.back().find("Choose another digit") != std::string::npos);
  page.app.attack.target.reset();
  page.app.update();
  CHECK(page.app.attacked());
  CHECK(page.app.refusal().empty());
}

TEST_CASE("weights that overflow are refused with the reason") {
  PageFixture page;
  const ApiReply refused = call(page, "loadWeights", "large.safetensors", overflowing_weights());
  CHECK(refused.error.find("large.safetensors") != std::string::npos);
  CHECK(refused.error.find("not finite") != std::string::npos);
  CHECK(page.app.models().list().size() == 1);
}

TEST_CASE("a refusal is short, whatever names are in the file or the call") {
  PageFixture page;
  const std::string name(75000, 'x');
  const Bytes weights = write_safetensors({{{name, {1}, {1.0F}}}, {{"architecture", "mlp"}}});
  const Bytes other = write_safetensors({{{"a", {1}, {1.0F}}}, {{"architecture", name}}});
  for (const ApiReply& reply :
       {call(page, "loadWeights", "file", weights), call(page, "loadWeights", "file", other),
        call(page, "loadWeights", name, Bytes(3)), call(page, "loadWeights", name, quick_weights()),
        call(page, "attack", {{name, 1}}), call(page, "attack", {{"method", name}}),
        call(page, "openLink", "v=1&" + name + "=1"), call(page, name)}) {
    INFO(reply.error.substr(0, 100));
    CHECK(reply.error.size() < 600);
    CHECK(page.app.notice.text.size() < 600);
  }
}

TEST_CASE("the clipboard is spoken of only when it was written") {
  PageFixture page;
  page.draw_seven();
  page.app.share_link();
  CHECK(page.app.notice.text.find("on the clipboard") != std::string::npos);
  page.clipboard = false;
  page.app.share_link();
  CHECK(page.app.notice.text.find("on the clipboard") == std::string::npos);
  CHECK(page.app.notice.text.find("copy it from there") != std::string::npos);
}
