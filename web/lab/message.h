// What the page and the laboratory say to each other. In a browser each is a module of its own, in
// threads of their own, and a message is posted; in a window and in tests it is handed over.
#pragma once

#include <functional>

#include "data/bytes.h"
#include "web/json/json.h"

namespace inoculate::page {

/// `head` always has a `kind`, and the `id` of the job it belongs to unless it belongs to none.
///
/// To the laboratory:
///   digits    body: the page's digits, as pack_digits() makes them
///   inoculate an InoculationSettings; body: the weights to begin with
///   evaluate  an EvaluationSettings; body: the weights
///   sweep     `epsilons`, `count`, `steps`; body: the weights
///   attack    a PictureAttack, `network`: a number of the sender's; body: its weights, or nothing
///             when they were sent with that number before
///   pause, resume; stop, with the id of the job
/// From it:
///   progress  `phase`, and while training a TrainingProgress with `seconds_left`
///   point     of a sweep: `epsilon`, `correct`, `n`
///   attacking `done` and `total` steps of an attack, now and then
///   done      what came out, of attack: for each epsilon the ten `logits` of the adversary as it
///             would be saved, and `queries` and `gradients` of the last; body, of inoculate: the
///             new weights, of attack: the last adversary, 784 floats, not yet rounded
///   stopped   as asked
///   error     `message`, one line
struct Message {
  Json head;
  Bytes body;
};

/// A message as it was posted. Never throws: text that is no JSON makes a head that is null, and so
/// does a body that there is no memory for.
Message message_of(std::string_view head, ByteView body);

/// The phases of an inoculation, as messages and scripts have them.
inline constexpr const char* kMeasuringBefore = "measuring before";
inline constexpr const char* kTraining = "training";
inline constexpr const char* kMeasuringAfter = "measuring after";

using Send = std::function<void(Message)>;

}  // namespace inoculate::page
