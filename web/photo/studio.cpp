#include "web/photo/studio.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/json_number.h"
#include "evaluate/noise_pictures.h"
#include "web/json/json_reader.h"
#include "web/picture/png.h"

namespace inoculate::page {
namespace {

constexpr int kMostNetworks = 4;
constexpr int kLongestSide = 1 << 14;
constexpr int kCurveLevels[] = {0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

int number_of(const Json& json) {
  const auto number = json_integer(json, 0, kMostNetworks - 1);
  if (!number) throw Error("the room has places for four networks, 0 to 3");
  return static_cast<int>(*number);
}

// A part of a message's head that must be there.
const Json& part(const Message& message, const char* key) {
  const auto found = message.head.find(key);
  if (found == message.head.end()) throw Error(std::string("the message has no ") + key);
  return *found;
}

// The picture that is a message's body.
ColorPicture picture_in(const Message& message) {
  const auto side = [&](const char* key) {
    const auto value = json_integer(part(message, key), 1, kLongestSide);
    if (!value) throw Error(std::string("the picture's ") + key + " is none");
    return static_cast<int>(*value);
  };
  ColorPicture picture{side("width"), side("height"), {}};
  const auto pixels =
      static_cast<std::uint64_t>(picture.width) * static_cast<std::uint64_t>(picture.height);
  if (message.body.size() != 4 * pixels) throw Error("the picture does not have its pixels");
  picture.rgba = message.body;
  return picture;
}

std::string text_in(const Message& message, const char* key) {
  const Json& text = part(message, key);
  if (!text.is_string()) throw Error(std::string("the message's ") + key + " is no text");
  return printable(text.get<std::string>());
}

void append(Bytes& bytes, const Matrix& image, Shape shape) {
  const ColorPicture picture = picture_of_image(image.data(), shape);
  bytes.insert(bytes.end(), picture.rgba.begin(), picture.rgba.end());
}

float levels(int count) { return static_cast<float>(count) * kOneLevel; }

}  // namespace

void Studio::done(const Message& message, Json head, Bytes body) const {
  head["kind"] = "done";
  head["id"] = part(message, "id");
  send_({std::move(head), std::move(body)});
}

const PhotoNetwork& Studio::network_of(const Json& number) const {
  const auto found = networks_.find(number_of(number));
  if (found == networks_.end()) throw Error("there is no such network in the room");
  return found->second;
}

const ColorPicture& Studio::photo() const {
  if (photo_.rgba.empty()) throw Error("there is no photograph yet");
  return photo_;
}

Jobs::Slice Studio::begin(const Message& message) {
  const std::string kind = kind_of(message);
  if (kind == "attack") return attack(message);
  if (kind == "smallest") return smallest(message);
  if (kind == "curve") return curve(message);
  if (kind == "network") {
    add_network(message);
  } else if (kind == "forget") {
    networks_.erase(number_of(part(message, "number")));
    done(message, Json::object());
  } else if (kind == "photo") {
    set_photo(message);
  } else if (kind == "choices") {
    done(message, {{"methods", photo_choices()}});
  } else if (kind == "read") {
    read(message);
  } else if (kind == "noise") {
    make_noise(message);
  } else if (kind == "png") {
    make_png(message);
  } else {
    throw Error("The room of photographs does not know " + quote(kind) + ".");
  }
  return {};
}

void Studio::add_network(const Message& message) {
  const int number = number_of(part(message, "number"));
  PhotoNetwork network =
      read_photo_network(message.body, text_in(message, "name"), part(message, "notes"));
  const Json reply{{"facts", network.facts}, {"names", network.spec().class_names}};
  networks_.insert_or_assign(number, std::move(network));
  done(message, reply);
}

void Studio::set_photo(const Message& message) {
  ColorPicture picture = picture_in(message);
  photo_name_ = text_in(message, "name");
  photo_ = std::move(picture);
  cropped_ = message.head.value("cropped", false);
  done(message, Json::object());
}

void Studio::read(const Message& message) {
  const PhotoNetwork& network = network_of(part(message, "number"));
  const PhotoImage image = photo_image(network, photo(), photo_name_, cropped_);
  const Shape shape = network.shape();
  Bytes body;
  append(body, image.pixels, shape);
  done(message,
       {{"how", image.how},
        {"reading", photo_reading(network.spec(), network.classifier->logits(image.pixels))},
        {"width", shape.w},
        {"height", shape.h}},
       std::move(body));
}

void Studio::make_noise(const Message& message) {
  const Shape shape = network_of(part(message, "number")).shape();
  Json settings = message.head;
  for (const char* key : {"kind", "id", "number"}) settings.erase(key);
  float mean = 128, deviation = 50;
  std::uint64_t seed = 1;
  JsonReader reader(settings, "noise");
  reader.number("mean", mean, 0, 255);
  reader.number("deviation", deviation, 0, 255);
  reader.integer("seed", seed);
  reader.finish();
  const NoiseLevel level{static_cast<double>(mean), static_cast<double>(deviation)};
  Matrix image = noise_images(shape, level, 0, 1, seed);
  image = image.cwiseMax(0.0F).cwiseMin(1.0F);
  Bytes body;
  append(body, image, shape);
  done(message, {{"width", shape.w}, {"height", shape.h}}, std::move(body));
}

void Studio::make_png(const Message& message) {
  const ColorPicture picture = picture_in(message);
  done(message, Json::object(), png_file(picture.width, picture.height, 4, picture.rgba.data()));
}

Studio::Scene Studio::scene_of(const Message& message) const {
  const PhotoNetwork& network = network_of(part(message, "number"));
  Scene scene{part(message, "id"),
              &network,
              photo_attack_settings(part(message, "settings"), network.spec().classes),
              photo_image(network, photo(), photo_name_, cropped_),
              0,
              {}};
  const Matrix logits = network.classifier->logits(scene.image.pixels);
  scene.label = most_likely(logits)[0];
  scene.before = photo_reading(network.spec(), logits, scene.label, scene.settings.target);
  if (scene.settings.target == scene.label) {
    throw Error("attack: the target, " + photo_class(network.spec(), scene.label) +
                ", is what the network reads already; choose another class");
  }
  return scene;
}

OnAttackProgress Studio::tell_progress(const Json& id) const {
  using Clock = std::chrono::steady_clock;
  return [this, id, last = Clock::time_point{}](const AttackProgress& p) mutable {
    constexpr std::chrono::milliseconds kBetween{30};  // about a frame
    if (Clock::now() - last < kBetween) return true;
    last = Clock::now();
    send_({{{"kind", "attacking"}, {"id", id}, {"done", p.done}, {"total", p.total}}, {}});
    return true;
  };
}

Json Studio::transfer(const Scene& scene, const Matrix& adversary, const Json& others) const {
  if (!others.is_array() || others.size() > kMostNetworks) {
    throw Error("attack: its other networks are no list");
  }
  const Shape shape = scene.network->shape();
  Json readings = Json::array();
  for (const Json& number : others) {
    const PhotoNetwork& network = network_of(number);
    const auto reading_of = [&](const Matrix& pixels) {
      const ColorPicture picture = picture_of_image(pixels.data(), shape);
      const PhotoImage image = photo_image(network, picture, photo_name_, true);
      return photo_reading(network.spec(), network.classifier->logits(image.pixels));
    };
    const Json before = reading_of(scene.image.pixels), after = reading_of(adversary);
    readings.push_back({{"number", number},
                        {"original", before},
                        {"adversary", after},
                        {"fooled", before.at("best") != after.at("best")}});
  }
  return readings;
}

Jobs::Slice Studio::attack(const Message& message) {
  const auto scene = std::make_shared<const Scene>(scene_of(message));
  const Json others = message.head.value("others", Json::array());
  return [this, scene, others] {
    const Scene& s = *scene;
    const Classifier& model = *s.network->classifier;
    const PhotoOutcome outcome = attack_photo(model, s.image.pixels, s.label, s.settings,
                                              s.settings.epsilon, tell_progress(s.id));
    const Matrix noisy = noise_beside(s.image.pixels, outcome, s.settings);
    const Shape shape = s.network->shape();
    Bytes body;
    append(body, s.image.pixels, shape);
    append(body, outcome.adversary, shape);
    append(body, noisy, shape);
    const auto reading_of = [&](const Matrix& picture) {
      return photo_reading(model.spec(), model.logits(picture), s.label, s.settings.target);
    };
    send_({{{"kind", "done"},
            {"id", s.id},
            {"width", shape.w},
            {"height", shape.h},
            {"success", outcome.success},
            {"class", s.label},
            {"name", photo_class(model.spec(), s.label)},
            {"how", s.image.how},
            {"queries", outcome.calls.forward},
            {"gradients", outcome.calls.gradient},
            {"largest_change", outcome.largest_change},
            {"l2", outcome.l2},
            {"pixels_changed", outcome.pixels_changed},
            {"original", s.before},
            {"adversary", reading_of(outcome.adversary)},
            {"noise", reading_of(noisy)},
            {"transfer", transfer(s, outcome.adversary, others)}},
           std::move(body)});
    return false;
  };
}

Jobs::Slice Studio::smallest(const Message& message) {
  const auto scene = std::make_shared<const Scene>(scene_of(message));
  if (!scene->settings.photo_method().has(kPhotoEpsilon)) {
    throw Error("this attack has no epsilon to be made smaller");
  }
  // Doubled until one succeeds, then halved between the last that failed and it.
  return [this, scene, failed = 0, worked = kMostLevels + 1, next = 1, looks = 0]() mutable {
    const Scene& s = *scene;
    send_({{{"kind", "attacking"}, {"id", s.id}, {"done", looks++}, {"total", 12}}, {}});
    const PhotoOutcome outcome =
        attack_photo(*s.network->classifier, s.image.pixels, s.label, s.settings, levels(next));
    (outcome.success ? worked : failed) = next;
    if (worked - failed > 1 && failed < kMostLevels) {
      next = worked <= kMostLevels ? (failed + worked) / 2 : std::min(2 * next, kMostLevels);
      return true;
    }
    const Json found = worked <= kMostLevels ? Json(levels(worked)) : Json();
    send_({{{"kind", "done"}, {"id", s.id}, {"epsilon", found}}, {}});
    return false;
  };
}

Jobs::Slice Studio::curve(const Message& message) {
  const auto scene = std::make_shared<const Scene>(scene_of(message));
  if (!scene->settings.photo_method().has(kPhotoEpsilon)) {
    throw Error("this attack has no epsilon for a curve");
  }
  return [this, scene, next = std::size_t{0}]() mutable {
    const Scene& s = *scene;
    const Classifier& model = *s.network->classifier;
    const float epsilon = levels(kCurveLevels[next++]);
    Matrix picture = s.image.pixels;
    if (epsilon > 0) {
      picture = attack_photo(model, picture, s.label, s.settings, epsilon).adversary;
    }
    const Json reading =
        photo_reading(model.spec(), model.logits(picture), s.label, s.settings.target);
    Json other = reading.at("guesses").at(0);
    if (other.at("class") == s.label) other = reading.at("guesses").at(1);
    const bool targeted = s.settings.target.has_value();
    send_({{{"kind", "point"},
            {"id", s.id},
            {"epsilon", epsilon},
            {"label", reading.at("label")},
            {"best", targeted ? reading.at("target") : other.at("probability")},
            {"name",
             targeted ? Json(photo_class(model.spec(), *s.settings.target)) : other.at("name")}},
           {}});
    if (next < std::size(kCurveLevels)) return true;
    send_({{{"kind", "done"}, {"id", s.id}}, {}});
    return false;
  };
}

}  // namespace inoculate::page
