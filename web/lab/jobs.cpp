#include "web/lab/jobs.h"

#include <utility>

namespace inoculate::page {
namespace {

Json id_of(const Message& message) {
  if (!message.head.is_object()) return {};
  const auto id = message.head.find("id");
  return id == message.head.end() ? Json() : *id;
}

}  // namespace

std::string kind_of(const Message& message) {
  if (!message.head.is_object()) return "";
  const auto kind = message.head.find("kind");
  return kind != message.head.end() && kind->is_string() ? kind->get<std::string>() : "";
}

void Jobs::receive(Message message) {
  const std::string kind = kind_of(message);
  if (kind == "pause") {
    paused_ = id_of(message);
  } else if (kind == "resume") {
    paused_.reset();
  } else if (kind == "stop") {
    stop(id_of(message));
  } else {
    waiting_.push_back(std::move(message));
  }
}

bool Jobs::busy() const {
  if (job_) return job_->id != paused_;
  return !waiting_.empty() && id_of(waiting_.front()) != paused_;
}

void Jobs::stop(const Json& id) {
  if (paused_ == id) paused_.reset();
  if (job_ && job_->id == id) {
    job_.reset();
  } else if (std::erase_if(waiting_, [&](const Message& m) { return id_of(m) == id; }) == 0) {
    return;
  }
  send_({{{"kind", "stopped"}, {"id", id}}, {}});
}

void Jobs::work() {
  if (!busy()) return;
  Json id;
  try {
    if (!job_) {
      const Message message = std::move(waiting_.front());
      waiting_.pop_front();
      id = id_of(message);
      if (Slice slice = begin_(message)) job_ = {id, std::move(slice)};
      return;
    }
    id = job_->id;
    if (!job_->slice()) job_.reset();
  } catch (const std::exception& error) {
    job_.reset();
    send_({{{"kind", "error"}, {"id", id}, {"message", in_words(error)}}, {}});
  }
}

}  // namespace inoculate::page
