#include "web/lab/message.h"

#include "base/error.h"

namespace inoculate::page {

Message message_of(std::string_view head, ByteView body) {
  Message message;
  try {
    message.head = json_of(head, "message");
    message.body.assign(body.begin(), body.end());
  } catch (const std::exception&) {
    message.head = nullptr;
  }
  return message;
}

}  // namespace inoculate::page
