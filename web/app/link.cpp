#include "web/app/link.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/error.h"
#include "data/base64.h"
#include "web/app/app.h"
#include "web/attack/settings.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// More than link_fragment makes of all that the limits of strokes.h allow: of 4 bytes a point and 4
// a stroke it makes 4 characters of 3. page.js has the same figure.
constexpr std::size_t kLongestFragment = 200000;
constexpr float kCoordinates = 65535;  // steps from one edge of the pad to the other
constexpr float kRadii = 1000;         // steps of a radius

void put(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
}

std::uint32_t steps(float value, float scale) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * scale));
}

// Each stroke: 2 bytes radius (the top bit: erases), 2 bytes number of points, 4 bytes a point.
std::string strokes_text(const std::vector<Stroke>& strokes) {
  Bytes bytes;
  for (const Stroke& stroke : strokes) {
    put(bytes, steps(stroke.radius, kRadii) | (stroke.erase ? 0x8000U : 0U));
    put(bytes, static_cast<std::uint32_t>(stroke.points.size()));
    for (const PadPoint& point : stroke.points) {
      put(bytes, steps(point.x, kCoordinates));
      put(bytes, steps(point.y, kCoordinates));
    }
  }
  return to_base64url(bytes);
}

std::vector<Stroke> strokes_of(std::string_view text) {
  const Bytes bytes = from_base64url(text);
  std::size_t at = 0;
  const auto take = [&] {
    if (bytes.size() - at < 2) throw Error(texts::refusals::link_cut_off);
    at += 2;
    return static_cast<std::uint32_t>(bytes[at - 2] | bytes[at - 1] << 8);
  };
  std::vector<Stroke> strokes;
  std::size_t points = 0;
  while (at < bytes.size()) {
    if (strokes.size() == kMostStrokes) throw Error(texts::refusals::link_strokes);
    const std::uint32_t head = take();
    Stroke stroke;
    stroke.erase = (head & 0x8000U) != 0;
    stroke.radius = static_cast<float>(head & 0x7FFFU) / kRadii;
    if (!(stroke.radius > 0)) throw Error(texts::refusals::link_stroke_width);
    if (stroke.radius > kThickestPen) throw Error(texts::refusals::link_stroke_wide);
    const std::uint32_t count = take();
    if (count == 0) throw Error(texts::refusals::link_stroke_points);
    points += count;
    if (points > kMostPoints) throw Error(texts::refusals::link_points);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto x = static_cast<float>(take()) / kCoordinates;
      stroke.points.push_back({x, static_cast<float>(take()) / kCoordinates});
    }
    strokes.push_back(std::move(stroke));
  }
  if (ink_of(strokes).length > kMostInk + kInkRounding) throw Error(texts::refusals::link_ink);
  return strokes;
}

Picture pixels_of(std::string_view text) {
  const Bytes bytes = from_base64url(text);
  if (bytes.size() != kPictureSize) throw Error(texts::refusals::link_picture);
  return picture_of(bytes);
}

// A number as short as reads the same.
std::string short_number(float value) {
  constexpr int kAlwaysEnough = 9;
  char text[32];
  for (int digits = 1; digits <= kAlwaysEnough; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(value));
    if (std::strtof(text, nullptr) == value) break;
  }
  return text;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? short_number(value.get<float>()) : value.dump();
}

std::map<std::string, std::string, std::less<>> split(std::string_view fragment) {
  std::map<std::string, std::string, std::less<>> values;
  while (!fragment.empty()) {
    const std::string_view pair = fragment.substr(0, fragment.find('&'));
    fragment.remove_prefix(std::min(fragment.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) throw Error(texts::refusals::link_damaged);
    values.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return values;
}

// Values are those of the scripts' attack(): numbers where they read as such.
Json value_of(const std::string& text) {
  try {
    Json parsed = json_of(text, "link");
    if (parsed.is_number()) return parsed;
  } catch (const Error&) {
    // Then it is text, or else attack_settings() refuses it.
  }
  return text;
}

}  // namespace

std::string link_fragment(const App& app) {
  std::string fragment = "v=1";
  const Json settings = to_json(app.attack);
  for (const auto& [key, value] : settings.items()) {
    if (value.is_null()) continue;
    fragment += "&" + key + "=" + value_text(value);
  }
  const auto& taken = app.pad.taken();
  if (taken && taken->sample) {
    fragment += "&digit=" + std::to_string(*taken->sample);
  } else if (taken) {
    fragment += "&pixels=" + to_base64url(to_bytes(taken->pixels));
  }
  if (!app.pad.strokes().empty()) fragment += "&strokes=" + strokes_text(app.pad.strokes());
  if (!app.attack.line.empty()) fragment += "&line=" + strokes_text(app.attack.line);
  return fragment;
}

void open_link(App& app, std::string_view fragment) {
  if (fragment.size() > kLongestFragment) throw Error(texts::refusals::link_too_long);
  auto values = split(fragment);
  const auto take = [&](std::string_view key) {
    const auto found = values.extract(std::string(key));
    return found.empty() ? std::string() : found.mapped();
  };
  if (take("v") != "1") throw Error(texts::refusals::link_foreign);
  const std::string digit = take("digit"), pixels = take("pixels"), strokes = take("strokes"),
                    line = take("line");
  Json settings = Json::object();
  for (const auto& [key, value] : values) settings[key] = value_of(value);
  AttackSettings attack = attack_settings(settings);
  attack.line = strokes_of(line);
  std::vector<Stroke> drawn = strokes_of(strokes);
  std::optional<TakenPicture> taken;
  if (!pixels.empty()) taken = TakenPicture{pixels_of(pixels), {}, {}};
  if (!digit.empty()) {
    int index = -1;
    const auto [end, error] = std::from_chars(digit.data(), digit.data() + digit.size(), index);
    if (error != std::errc() || end != digit.data() + digit.size()) {
      throw Error(texts::refusals::link_digit);
    }
    app.take_digit(index);
  } else if (taken) {
    app.pad.take(std::move(*taken));
  } else if (!drawn.empty()) {
    app.pad.clear();
  }
  if (!drawn.empty()) app.pad.draw_over(std::move(drawn));
  app.attack = std::move(attack);
}

}  // namespace inoculate::page
