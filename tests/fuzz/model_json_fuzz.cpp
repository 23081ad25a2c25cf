// Models as JSON: linear ones, trees and ensembles.
#include "fuzz/target.h"
#include "model/model_json.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.json";

void read(ByteView file) {
  accepts("fuzz.json: ", [&] {
    const Bytes written = write_model_json(parse_model_json(file, kName));
    demand(write_model_json(parse_model_json(written, kName)) == written,
           "a model changes when it is written");
    const auto model = read_model_json(file, kName);
    const Matrix images = Matrix::Constant(2, model->spec().input.size(), 0.5F);
    demand(model->logits(images).allFinite(), "answers that are none");
  });
}

const Target target("model_json", read);

}  // namespace
}  // namespace inoculate::fuzz
