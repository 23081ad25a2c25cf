// What the JSON beside a network, or the network's metadata, say of its pixels and classes.
#include "fuzz/target.h"
#include "model/model_notes.h"

namespace inoculate::fuzz {
namespace {

void demand_same_when_written(const ModelNotes& notes) {
  const nlohmann::json json = to_json(notes);
  demand(to_json(read_notes(json)) == json, "notes change when they are written");
  notes.pictures();
  Preprocessing preprocessing;
  if (notes.mean) preprocessing.mean = *notes.mean;
  if (notes.std) preprocessing.std = *notes.std;
  for (const int channels : {1, 3}) accepts("", [&] { channel_map(preprocessing, channels); });
}

void read(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  accepts("fuzz.json", [&] { demand_same_when_written(parse_notes(text, "fuzz.json")); });
  for (const char* key : kNoteKeys) {
    accepts("fuzz.onnx", [&] {
      demand_same_when_written(notes_of_metadata({{key, std::string(text)}}, "fuzz.onnx"));
    });
  }
}

const Target target("notes", read);

}  // namespace
}  // namespace inoculate::fuzz
