#include "web/app/api.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/json_number.h"
#include "web/app/link.h"
#include "web/app/mirror.h"
#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

Json pad_json(const Pad& pad) {
  const auto& taken = pad.taken();
  const PictureFile* file = taken && taken->file ? &*taken->file : nullptr;
  const char* source = pad.is_example()         ? "example"
                       : taken && taken->sample ? "sample"
                       : file                   ? "picture"
                       : taken                  ? "image"
                                                : "drawing";
  return {{"empty", pad.empty()},
          {"source", source},
          {"strokes", pad.strokes().size()},
          {"name", file ? Json(file->name) : Json()},
          {"how", file ? Json(file->how) : Json()},
          {"image", file && file->number ? Json(*file->number) : Json()},
          {"label", taken && taken->label ? Json(*taken->label) : Json()},
          {"sample", taken && taken->sample ? Json(*taken->sample) : Json()}};
}

Json inoculation_json(const App& app) {
  const RunningInoculation& run =
      app.experiments().running() ? *app.experiments().running() : app.experiments().last_run();
  Json rounds = Json::array();
  for (const Round& round : app.experiments().rounds()) {
    rounds.push_back({{"epsilon", round.epsilon},
                      {"before", to_json(round.before)},
                      {"after", to_json(round.after)}});
  }
  return {{"settings", to_json(app.inoculation)},
          {"running", app.experiments().running().has_value()},
          {"paused", app.experiments().running() && run.paused},
          {"phase", run.phase},
          {"progress", run.progress()},
          {"epoch", run.epoch},
          {"epochs", run.epochs},
          {"seconds_left", run.seconds_left},
          {"loss", run.points.empty() ? Json() : Json(run.points.back().loss)},
          {"accuracy", run.points.empty() ? Json() : Json(run.points.back().accuracy)},
          {"rounds", rounds}};
}

Json curves_json(const App& app) {
  Json curves = Json::array();
  for (const RobustCurve& curve : app.experiments().robust_curves()) {
    Json scores = Json::array();
    for (const Score& score : curve.scores) scores.push_back(to_json(score));
    curves.push_back({{"network", curve.name}, {"epsilons", curve.epsilons}, {"scores", scores}});
  }
  return curves;
}

Json networks_json(const App& app) {
  Json networks = Json::array();
  for (std::size_t i = 0; i < app.networks().size(); ++i) {
    const NetworkUnderAttack& network = app.networks()[i];
    Json json{{"network", app.network_title(i)},
              {"transferred", Json()},
              {"attacked", Json()},
              {"curve", Json()}};
    if (i < app.transferred().size()) json["transferred"] = to_json(app.transferred()[i]);
    if (network.attacked) json["attacked"] = to_json(*network.attacked);
    if (network.sweep) {
      Json readings = Json::array();
      for (const Reading& r : network.sweep->readings) readings.push_back(r.probabilities);
      json["curve"] = {{"epsilons", network.sweep->epsilons}, {"probabilities", readings}};
    }
    networks.push_back(std::move(json));
  }
  return networks;
}

void attack(App& app, const Json& argument, const Settle& settle) {
  AttackSettings settings = attack_settings(argument);
  if (app.targets_own_label(settings)) {
    throw Error(texts::scripts::own_class(*settings.target));
  }
  settings.line = app.attack.line;
  app.attack = std::move(settings);
  app.when_attacked([&app, settle](const std::string& error) {
    if (!error.empty()) return settle({{}, {}, error});
    Bytes body;
    append_array_le<float>(body, app.outcome()->adversary.pixels);
    settle({to_json(*app.outcome()), std::move(body), {}});
  });
}

ApiReply set_image(App& app, ByteView body) {
  if (body.size() != kPictureSize) throw Error(texts::scripts::set_image);
  app.pad.take({picture_of(body), {}, {}});
  return {};
}

PictureFormat format_of(const std::string& name) {
  constexpr std::pair<const char*, PictureFormat> kFormats[] = {
      {"png", PictureFormat::kPng}, {"npy", PictureFormat::kNpy}, {"idx", PictureFormat::kIdx}};
  for (const auto& [format_name, format] : kFormats) {
    if (name == format_name) return format;
  }
  throw Error(texts::scripts::save_format(quote(name)));
}

ApiReply save_image(const App& app, const Json& argument) {
  std::string what = "adversary", format = "npy";
  JsonReader reader(argument, "saveImage");
  reader.string("what", what);
  reader.string("format", format);
  reader.finish();
  if (what != "adversary" && what != "digit") {
    throw Error(texts::scripts::save_what(quote(what)));
  }
  const bool adversary = what == "adversary";
  if (adversary ? !app.outcome() : app.pad.empty()) {
    throw Error(texts::scripts::save_nothing(what));
  }
  return {{},
          picture_file(adversary ? app.outcome()->adversary.pixels : app.pad.picture(),
                       format_of(format)),
          {}};
}

// What openPicture and its like give back.
ApiReply opened(App& app, const std::string& how) {
  app.update();
  Json value{{"how", how}, {"prediction", app.reading() ? to_json(*app.reading()) : Json()}};
  if (app.image_on_pad()) {
    value["image"] = *app.image_on_pad();
    value["images"] = app.digit_file()->size();
  }
  return {std::move(value), {}, {}};
}

ApiReply open_picture(App& app, const Json& argument, ByteView body) {
  constexpr int kLongestSide = 1 << 14;
  ColorPicture picture;
  std::string name;
  JsonReader reader(argument, "openPicture");
  reader.string("name", name);
  reader.integer("width", picture.width, 1, kLongestSide);
  reader.integer("height", picture.height, 1, kLongestSide);
  reader.finish();
  picture.rgba.assign(body.begin(), body.end());
  return opened(app, app.open_picture(picture, name));
}

ApiReply open_digits(App& app, const Json& argument, ByteView body) {
  std::string name;
  int number = 0;
  JsonReader reader(argument, "openPicture");
  reader.string("name", name);
  reader.integer("number", number, 0, std::numeric_limits<int>::max());
  reader.finish();
  return opened(app, app.open_digits(body, name, number));
}

int integer_argument(const Json& argument, const char* name) {
  using Limits = std::numeric_limits<int>;
  const auto number = json_integer(argument, Limits::min(), Limits::max());
  if (!number) throw Error(texts::scripts::index_of_digit(name));
  return static_cast<int>(*number);
}

ApiReply call_now(App& app, const Json& layout, const std::string& name, const Json& argument,
                  ByteView body) {
  if (name == "state") return {state_json(app, layout), {}, {}};
  if (name == "setImage") return set_image(app, body);
  if (name == "openPicture") return open_picture(app, argument, body);
  if (name == "openDigits") return open_digits(app, argument, body);
  if (name == "takeImage")
    return opened(app, app.take_image(integer_argument(argument, "takeImage")));
  if (name == "saveImage") {
    return save_image(app, argument.is_null() ? Json::object() : argument);
  }
  if (name == "image") return {{}, to_bytes(app.pad.picture()), {}};
  if (name == "saveWeights") return {{}, app.weights_file(), {}};
  if (name == "loadWeights") {
    const std::string file = argument.is_string() ? argument.get<std::string>() : "weights";
    if (!app.load_weights(body, file)) throw Error(app.notice.text);
    return {};
  }
  if (name == "clear") return app.pad.clear(), ApiReply{};
  if (name == "takeDigit")
    return app.take_digit(integer_argument(argument, "takeDigit")), ApiReply{};
  if (name == "link") return {link_fragment(app), {}, {}};
  if (name == "openLink") {
    if (!argument.is_string()) throw Error(texts::scripts::open_link);
    open_link(app, argument.get<std::string>());
    return {};
  }
  if (name == "reset") {
    if (!app.reset()) throw Error(app.notice.text);
    return {};
  }
  if (name == "pause") return app.experiments().pause(true), ApiReply{};
  if (name == "resume") return app.experiments().pause(false), ApiReply{};
  if (name == "stop") return app.experiments().stop(), ApiReply{};
  if (name == "mirror") return {mirror_json(app, argument == true), {}, {}};
  if (name == "control") return use_control(app, argument), ApiReply{};
  if (name == "pen") return move_pen(app, argument), ApiReply{};
  if (name == "cancelAttack") return app.cancel_attack(), ApiReply{};
  throw Error(texts::scripts::no_such_function(quote(name)));
}

}  // namespace

Json state_json(const App& app, const Json& layout) {
  Json models = Json::array();
  for (const Model& model : app.models().list()) models.push_back(model.name);
  Json attack{{"settings", to_json(app.attack)},
              {"running", app.attacking()},
              {"progress", app.attack_progress()},
              {"result", Json()},
              {"networks", networks_json(app)}};
  if (app.attacked()) attack["result"] = to_json(*app.outcome());
  return {{"pad", pad_json(app.pad)},
          {"digits", app.digits().size()},
          {"prediction", app.reading() ? to_json(*app.reading()) : Json()},
          {"attack", std::move(attack)},
          {"inoculation", inoculation_json(app)},
          {"robustCurves", curves_json(app)},
          {"model",
           {{"name", app.models().empty() ? Json() : Json(app.models().chosen_model().name)},
            {"inoculated", app.models().inoculated()},
            {"available", models}}},
          {"notice", {{"text", app.notice.text}, {"error", app.notice.is_error}}},
          {"layout", layout}};
}

void handle_call(App& app, const Json& layout, const std::string& name, const Json& argument,
                 ByteView body, const Settle& settle) {
  const auto when_done = [settle](const JobResult& result) {
    settle({result.value, {}, result.error});
  };
  const Json settings = argument.is_null() ? Json::object() : argument;
  try {
    if (name == "attack") {
      attack(app, settings, settle);
    } else if (name == "inoculate") {
      const InoculationSettings wanted = inoculation_settings(settings);
      if (!app.experiments().running()) app.inoculation = wanted;  // else it is refused
      app.inoculate(when_done);
    } else if (name == "evaluate") {
      app.experiments().evaluate(evaluation_settings(settings), when_done);
    } else {
      settle(call_now(app, layout, name, argument, body));
    }
  } catch (const std::exception& error) {
    settle({{}, {}, in_words(error)});
  }
}

}  // namespace inoculate::page
