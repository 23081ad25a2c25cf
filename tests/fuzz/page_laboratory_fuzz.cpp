// Messages to the laboratory, which has digits and a network already, and its answers.
#include "fuzz/page_message.h"
#include "fuzz/small_weights.h"
#include "web/lab/laboratory.h"
#include "web/lab/picture_attack.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView bytes) {
  page::Laboratory laboratory(demand_answer);
  laboratory.receive({{{"kind", "digits"}}, Bytes(3 * (page::kPictureSize + 1), 3)});
  laboratory.work();
  const page::PictureAttack attack{{}, page::Picture(page::kPictureSize, 0.5F), 3, {0.1F}};
  laboratory.receive(
      {{{"kind", "attack"}, {"id", 0}, {"network", 0}, {"settings", to_json(attack)}},
       small_weights()});
  laboratory.work();
  laboratory.receive({{{"kind", "stop"}, {"id", 0}}, {}});
  page::Message message = message_in(bytes);
  if (message.body.empty() && page::kind_of(message) != "attack") message.body = small_weights();
  work_on(laboratory, std::move(message));
}

const Target target("page_laboratory", read);

}  // namespace
}  // namespace inoculate::fuzz
