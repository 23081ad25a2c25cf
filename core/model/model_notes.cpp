#include "model/model_notes.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "data/json.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr double kLargest = 1e6, kSmallestStd = 1e-6;
constexpr int kLargestSide = 16'384;
constexpr std::size_t kLongestName = 200;  // bytes

bool is_key(std::string_view key) {
  return std::find(std::begin(kNoteKeys), std::end(kNoteKeys), key) != std::end(kNoteKeys);
}

[[noreturn]] void refuse(const std::string& key, const std::string& advice) {
  throw Error("has a bad value of " + key + "; give " + advice);
}

std::vector<float> numbers(const std::string& key, const Json& value, double least,
                           const std::string& advice) {
  std::vector<float> all;
  for (const Json& entry : value.is_array() ? value : Json::array({value})) {
    if (!entry.is_number()) refuse(key, advice);
    const double number = entry.get<double>();
    if (!(number >= least && number <= kLargest)) refuse(key, advice);
    all.push_back(static_cast<float>(number));
  }
  if (all.empty()) refuse(key, advice);
  return all;
}

ValueRange range(const std::string& key, const Json& value) {
  const char* advice = "two numbers, the lower one first, such as 0 and 255";
  const std::vector<float> both = numbers(key, value, -kLargest, advice);
  if (both.size() != 2 || !(both[0] < both[1])) refuse(key, advice);
  return {both[0], both[1]};
}

// Whether it is the second of two words.
bool second_of(const std::string& key, const Json& value, const char* first, const char* second) {
  if (value != first && value != second) refuse(key, std::string(first) + " or " + second);
  return value == second;
}

int side(const std::string& key, const Json& value) {
  const std::string advice = "a number of pixels, 1 to " + std::to_string(kLargestSide);
  const double number = value.is_number() ? value.get<double>() : 0;
  if (!(number >= 1 && number <= kLargestSide) || number != std::floor(number)) {
    refuse(key, advice);
  }
  return static_cast<int>(number);
}

std::vector<std::string> names(const std::string& key, const Json& value) {
  if (!value.is_array() || value.empty()) refuse(key, "a list of the classes' names");
  std::vector<std::string> all;
  for (const Json& entry : value) {
    // As it is shown in terminals and pages, and written: which may be longer than it came.
    std::string name = entry.is_string() ? printable(entry.get_ref<const std::string&>()) : "";
    if (name.empty() || name.size() > kLongestName) {
      refuse(key, "each class a name of at most " + std::to_string(kLongestName) +
                      " bytes; that of class " + std::to_string(all.size()) + " is none");
    }
    all.push_back(std::move(name));
  }
  return all;
}

void read_note(ModelNotes& notes, const std::string& key, const Json& value) {
  const char* a_number = "a number, or one for each channel";
  if (key == "preprocess") {
    if (!value.is_string()) refuse(key, "none, torch, caffe or tf");
    const Preprocessing preprocessing = preprocessing_named(value.get<std::string>());
    notes.input_range = preprocessing.input_range;
    notes.mean = preprocessing.mean;
    notes.std = preprocessing.std;
    notes.bgr = preprocessing.bgr;
  } else if (key == "mean") {
    notes.mean = numbers(key, value, -kLargest, a_number);
  } else if (key == "std") {
    notes.std = numbers(key, value, kSmallestStd, std::string(a_number) + ", each above 0");
  } else if (key == "input_range") {
    notes.input_range = range(key, value);
  } else if (key == "channels") {
    notes.bgr = second_of(key, value, "rgb", "bgr");
  } else if (key == "resize") {
    notes.resize = side(key, value);
  } else if (key == "interpolation") {
    notes.interpolation = second_of(key, value, "bilinear", "bicubic") ? Interpolation::kBicubic
                                                                       : Interpolation::kBilinear;
  } else if (key == "classes") {
    notes.classes = names(key, value);
  }
}

std::string known_keys() {
  std::string text;
  for (const char* key : kNoteKeys) text += (text.empty() ? "" : ", ") + std::string(key);
  return text;
}

Json lines_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  Json lines = Json::array();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(std::string(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

bool ModelNotes::empty() const {
  return !input_range && !mean && !std && !bgr && !resize && !interpolation && !classes;
}

PictureRule ModelNotes::pictures() const {
  const PictureRule usual;
  return {resize.value_or(usual.resize), interpolation.value_or(usual.interpolation)};
}

Json note_of_text(std::string_view key, const std::string& text) {
  if (key == "classes") return lines_of(text);
  if (key == "preprocess" || key == "channels" || key == "interpolation") return text;
  Json all = Json::array();
  for (const std::string& entry : split_list(text)) {
    const std::optional<double> number = parse_number(entry);
    if (!number) {
      throw Error("has " + quote(entry) + " in " + std::string(key) +
                  ", which is not a number; give numbers with commas between them");
    }
    all.push_back(*number);
  }
  return all.size() == 1 ? all[0] : all;
}

ModelNotes read_notes(const Json& object) {
  if (!object.is_object()) throw Error("is not a JSON object; its keys may be " + known_keys());
  for (const auto& [key, value] : object.items()) {
    if (is_key(key)) continue;
    throw Error("has the unknown key " + quote(key) + "; the keys are " + known_keys());
  }
  for (const char* key : {"mean", "std", "input_range", "channels"}) {
    if (!object.contains("preprocess") || !object.contains(key)) continue;
    throw Error(std::string("has both preprocess and ") + key +
                ", which preprocess says already; leave one of them out");
  }
  ModelNotes notes;
  for (const auto& [key, value] : object.items()) read_note(notes, key, value);
  return notes;
}

ModelNotes parse_notes(std::string_view text, const std::string& name) {
  try {
    const Json object = parse_json(text);
    const bool is_model = object.is_object() && object.contains("kind");
    return is_model ? ModelNotes{} : read_notes(object);
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

ModelNotes notes_of_metadata(const std::map<std::string, std::string>& metadata,
                             const std::string& name) {
  try {
    Json object = Json::object();
    for (const auto& [key, text] : metadata) {
      if (is_key(key)) object[key] = note_of_text(key, text);
    }
    return read_notes(object);
  } catch (const Error& error) {
    throw Error(name + ": its metadata " + error.what());
  }
}

Json to_json(const ModelNotes& notes) {
  Json object = Json::object();
  if (notes.mean) object["mean"] = *notes.mean;
  if (notes.std) object["std"] = *notes.std;
  if (notes.input_range) {
    object["input_range"] = {notes.input_range->low, notes.input_range->high};
  }
  if (notes.bgr) object["channels"] = *notes.bgr ? "bgr" : "rgb";
  if (notes.resize) object["resize"] = *notes.resize;
  if (notes.interpolation) {
    object["interpolation"] =
        *notes.interpolation == Interpolation::kBicubic ? "bicubic" : "bilinear";
  }
  if (notes.classes) object["classes"] = *notes.classes;
  return object;
}

ModelNotes either(const ModelNotes& first, const ModelNotes& second) {
  const auto of = [](const auto& one, const auto& other) { return one ? one : other; };
  return {of(first.input_range, second.input_range),
          of(first.mean, second.mean),
          of(first.std, second.std),
          of(first.bgr, second.bgr),
          of(first.resize, second.resize),
          of(first.interpolation, second.interpolation),
          of(first.classes, second.classes)};
}

}  // namespace inoculate
