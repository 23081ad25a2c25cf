// What the page and the laboratory say to each other. In a browser each is a module of its own, in
// threads of their own, and a message is posted; in a window and in tests it is handed over.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "data/bytes.h"

namespace inoculate::page {

using Json = nlohmann::json;

/// `head` always has a `kind`, and the `id` of the job it belongs to unless it belongs to none.
///
/// To the laboratory:
///   digits    body: the page's digits, as pack_digits() makes them
///   inoculate an InoculationSettings; body: the weights to begin with
///   evaluate  an EvaluationSettings; body: the weights
///   sweep     `epsilons`, `count`; body: the weights
///   pause, resume; stop, with the id of the job
/// From it:
///   progress  `phase`, and while training a TrainingProgress with `seconds_left`
///   point     of a sweep: `epsilon`, `correct`, `n`
///   done      what came out; body, of inoculate: the new weights
///   stopped   as asked
///   error     `message`, one line
struct Message {
  Json head;
  Bytes body;
};

using Send = std::function<void(Message)>;

}  // namespace inoculate::page
