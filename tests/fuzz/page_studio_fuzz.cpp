// Messages to the room of photographs, which has one and a network already, and its answers.
#include "formats/onnx/writer.h"
#include "fuzz/page_message.h"
#include "fuzz/small_weights.h"
#include "model/onnx_export.h"
#include "web/photo/studio.h"

namespace inoculate::fuzz {
namespace {

page::Message small_photo() {
  return {{{"kind", "photo"}, {"id", 1}, {"width", 3}, {"height", 2}, {"name", "a"}},
          Bytes(3 * 2 * 4, 100)};
}

page::Message network() {
  static const Bytes file = write_onnx(onnx_model(small_network(), {}));
  return {{{"kind", "network"},
           {"id", 1},
           {"number", 0},
           {"name", "a"},
           {"notes", page::Json::object()}},
          file};
}

void read(ByteView bytes) {
  page::Studio studio(demand_answer);
  work_on(studio, small_photo());
  work_on(studio, network());
  work_on(studio, message_in(bytes));
}

const Target target("page_studio", read);

}  // namespace
}  // namespace inoculate::fuzz
