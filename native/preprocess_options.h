// What is known of a network beside its layers, from the command line and from files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/model_notes.h"
#include "native/command_line.h"
#include "native/file_options.h"

namespace inoculate {

/// The values of --preprocess, --mean and so on, by the keys of notes (model/model_notes.h); empty
/// where they are not given.
using PreprocessOptions = std::map<std::string, std::string>;

/// Adds an option for every key but `without`, whose name the command has for something else; they
/// hold for every model that the command loads.
void add_preprocess_options(Command command, PreprocessOptions& options,
                            std::string_view without = {});

/// What the options say. Throws UsageError for a bad value, Error for a bad file of --classes.
ModelNotes notes_of(const PreprocessOptions& options);

/// The option of a key: "--input-range".
std::string preprocess_option(std::string key);

/// known_notes and notes_file of files on the disk (train/classifier_file.h).
ModelNotes known_notes(const ModelNotes& said, const std::filesystem::path& model,
                       const std::map<std::string, std::string>& metadata);
std::filesystem::path notes_file(const std::filesystem::path& model);

/// Adds the files that loading the model at `path`, which `option` gave, reads with these options.
void add_model_inputs(std::vector<FileOption>& inputs, const std::string& option,
                      const std::string& path, const PreprocessOptions& options);

}  // namespace inoculate
