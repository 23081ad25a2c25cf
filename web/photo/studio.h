// The room of photographs' work: networks that a visitor brings, and attacks on a photograph.
//
// Messages to it, answered as message.h says; a network goes by a number of the sender's, 0..3:
//   network   `number`, `name`, `notes` (see read_photo_network); body: an ONNX file.
//             done: its `facts` and `names`, those of its classes or an empty list
//   forget    `number`
//   photo     `width`, `height`, `name`, `cropped`: see photo_image(); body: the picture that the
//             others are about, RGBA
//   choices   done: `methods`, see photo_choices()
//   read      `number`; done: `how`, `reading`, `width`, `height`; body: what it sees, RGBA
//   attack    `number`, `settings`; `others`: numbers of networks to read the adversary, too;
//             done: `width`, `height`, `success`, `class` and its `name`: what is attacked; `how`,
//             `queries`, `gradients`, `largest_change` (levels), `l2`, `pixels_changed`; readings
//             of `original`, `adversary` and `noise`; `transfer`, of each other network its
//             `number`, its readings of both and whether it is `fooled`; body: original, adversary
//             and noise, RGBA each
//   smallest  the same; done: `epsilon`, the least that succeeded, or null
//   curve     the same; a `point` for each epsilon: `epsilon`, `label`, `best` and its `name`: the
//             probabilities of the label and of the likeliest other class (with a target: of it)
//   noise     `number`, `mean`, `deviation` (levels, 0..255), `seed`; done: `width`, `height`;
//             body: a picture of noise of the network's size, RGBA
//   png       `width`, `height`; body: RGBA; done; body: the file
#pragma once

#include <map>
#include <optional>

#include "web/lab/jobs.h"
#include "web/photo/attack.h"
#include "web/photo/network.h"

namespace inoculate::page {

class Studio {
 public:
  explicit Studio(Send send)
      : send_(std::move(send)),
        jobs_(send_, [this](const Message& message) { return begin(message); }) {}

  Jobs& jobs() { return jobs_; }

 private:
  using Slice = Jobs::Slice;

  /// A photograph about to be attacked.
  struct Scene {
    Json id;
    const PhotoNetwork* network;
    PhotoAttackSettings settings;
    PhotoImage image;
    int label;
    Json before;  // what the network reads in the image
  };

  Slice begin(const Message& message);
  void add_network(const Message& message);
  void set_photo(const Message& message);
  void read(const Message& message);
  void make_noise(const Message& message);
  void make_png(const Message& message);
  Slice attack(const Message& message);
  Slice smallest(const Message& message);
  Slice curve(const Message& message);

  Scene scene_of(const Message& message) const;
  const PhotoNetwork& network_of(const Json& number) const;
  const ColorPicture& photo() const;
  /// What the networks read in the original and in the adversary of a scene.
  Json transfer(const Scene& scene, const Matrix& adversary, const Json& others) const;
  OnAttackProgress tell_progress(const Json& id) const;
  void done(const Message& message, Json head, Bytes body = {}) const;

  Send send_;
  std::map<int, PhotoNetwork> networks_;
  ColorPicture photo_;
  std::string photo_name_;
  bool cropped_ = false;
  Jobs jobs_;
};

}  // namespace inoculate::page
