// Messages between the page and its workers, in the bytes that a fuzzer makes: the first line is
// what a message says, in JSON, and the rest its body.
#pragma once

#include <algorithm>

#include "fuzz/target.h"
#include "web/lab/jobs.h"

namespace inoculate::fuzz {

inline ByteView line_of(ByteView& bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), '\n');
  const ByteView line = bytes.first(static_cast<std::size_t>(end - bytes.begin()));
  bytes = bytes.subspan(std::min(line.size() + 1, bytes.size()));
  return line;
}

inline page::Message message_in(ByteView bytes) {
  const ByteView head = line_of(bytes);
  return page::message_of(text_of(head), bytes);
}

/// Demands of an answer what the page expects: a kind and, of an error, one line.
inline void demand_answer(const page::Message& answer) {
  const std::string kind = page::kind_of(answer);
  demand(!kind.empty(), "an answer of no kind");
  page::json_text(answer.head);
  if (kind == "error") {
    demand_refusal(answer.head.at("message").get_ref<const std::string&>(), "");
  }
}

/// A worker that is sent what comes before it can be attacked, and then the message.
template <typename Worker>
void work_on(Worker& worker, page::Message message) {
  constexpr int kSlices = 3;  // what takes long is no fault
  worker.jobs().receive(std::move(message));
  for (int i = 0; i < kSlices && worker.jobs().busy(); ++i) worker.jobs().work();
}

}  // namespace inoculate::fuzz
