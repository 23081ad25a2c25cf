// What a user, a JSON beside a network's file, or the file's metadata say of the network: how its
// input is prepared, and what its classes are called.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/preprocessing.h"
#include "picture/picture_rule.h"

namespace inoculate {

/// Everything that can be said; empty what is not.
struct ModelNotes {
  std::optional<ValueRange> input_range;
  std::optional<std::vector<float>> mean, std;
  std::optional<bool> bgr;
  std::optional<int> resize;
  std::optional<Interpolation> interpolation;
  std::optional<std::vector<std::string>> classes;

  bool empty() const;
  /// What is said of pictures, and what is usual where nothing is.
  PictureRule pictures() const;
};

/// The keys of notes: those of the JSON and of the metadata, which are also the command's options.
///
///   preprocess      none, torch, caffe or tf, in place of the next four
///   mean, std       a number, or one for each channel of what the network sees
///   input_range     two numbers: what the pixels 0 and 1 become before the mean is taken from them
///   channels        rgb or bgr
///   resize          pixels of a picture's shorter side before its centre is cut out
///   interpolation   bilinear or bicubic: how pictures are resized
///   classes         the names of the classes, in their order
inline constexpr const char* kNoteKeys[] = {"preprocess", "mean",   "std",           "input_range",
                                            "channels",   "resize", "interpolation", "classes"};

/// The value of a key from text: numbers with commas between them, a class a line. Throws Error
/// where text is no number.
nlohmann::json note_of_text(std::string_view key, const std::string& text);

/// Notes from an object of keys and values. Throws Error, which goes on from a subject that the
/// caller gives ("has a mean that ..."), for an unknown key and for what a value cannot be.
ModelNotes read_notes(const nlohmann::json& object);

/// Notes from a file of JSON, named `name` in messages; none from one that is a model itself
/// (model/model_json.h), from which the network was perhaps converted. Throws Error.
ModelNotes parse_notes(std::string_view text, const std::string& name);

/// Notes from the metadata of the file `name`: of its entries those that are called as keys are.
/// Throws Error.
ModelNotes notes_of_metadata(const std::map<std::string, std::string>& metadata,
                             const std::string& name);

/// The object that read_notes reads the same from.
nlohmann::json to_json(const ModelNotes& notes);

/// Those of `first`, and of `second` where `first` says nothing.
ModelNotes either(const ModelNotes& first, const ModelNotes& second);

}  // namespace inoculate
