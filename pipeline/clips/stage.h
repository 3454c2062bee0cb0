// Stage: things that stand, come and go before a background, and the people who walk there.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/data/image.h"
#include "model/data/paste.h"
#include "model/data/random.h"
#include "pipeline/clips/scenery.h"
#include "pipeline/clips/script.h"
#include "pipeline/core/event.h"

namespace stillwatch::clips {

// What the truth file says of one act, in pixels of the plate and seconds.
struct StageChange {
  ChangeKind kind = ChangeKind::kOther;
  std::string object{};
  double first = 0, last = 0;       // While it was under way.
  std::vector<data::Box> places{};  // One; two where something was moved.
};

// The plate is larger than the picture by the script's margin on each side, so that a camera may
// turn; x and y of acts are fractions of the unturned view.
//
// A pure function of time, but for a cache.  Not thread-safe: belongs to one clip.
class Stage {
 public:
  // kNotFound: an act names a thing that the scenery does not have.
  [[nodiscard]] static Result<Stage> Create(const Script& script, const Scenery& scenery);

  int width() const { return plate_.width; }
  int height() const { return plate_.height; }
  int margin_x() const { return margin_x_; }
  int margin_y() const { return margin_y_; }

  // The plate at that time.  The reference lives until the next call.
  const data::Image& At(double t);

  // In the order of the script.
  const std::vector<StageChange>& changes() const { return changes_; }

  // From `from` on, the first time after which nobody stands before any of `places` for `calm`
  // seconds; looked at every `step`.  `until` where there is none.
  double ClearFrom(const std::vector<data::Box>& places, double from, double until, double calm,
                   double step) const;

 private:
  // A thing at one place for some time.
  struct Rest {
    int id = 0;
    data::Item item{};
    double from = 0, until = Act::kEndless;
    double brightness = 0;  // Of the bare background there: its light does not depend on others.
  };
  struct Waypoint {
    double t = 0, x = 0, y = 0;  // Pixels of the plate: where the feet are.
  };
  struct Walker {
    const data::Thing* who = nullptr;
    std::vector<Waypoint> path{};
    std::uint64_t seed = 0;
  };

  data::Item ItemAt(const data::Thing& thing, double x, double y, double scale, int view,
                    bool mirrored) const;
  [[nodiscard]] Status Add(const Act& act, const Script& script, const Scenery& scenery,
                           data::Random& random);
  const data::Thing* Somebody(const Act& act, const Scenery& scenery, data::Random& random) const;
  // Somebody walks in, stands at (x, y) from `at` - 1.2 s to `at` + 1.2 s, and leaves.
  Walker Errand(const data::Thing& who, double x, double y, double at, bool from_left,
                data::Random& random) const;
  void AddCrowd(const Act& act, const Script& script, const Scenery& scenery, data::Random& random);
  std::optional<data::Item> ItemOf(const Walker& walker, double t) const;
  void Change(ChangeKind kind, const std::string& object, std::vector<data::Box> places, double at,
              const Walker* by);
  double PxPerM(double y) const;
  const data::Image& Resting(double t);

  data::Image plate_{};
  int margin_x_ = 0, margin_y_ = 0;
  int view_height_ = 0, view_width_ = 0;
  double horizon_ = 0, person_ = 0;
  double seconds_ = 0;
  data::Look look_{};
  std::vector<Rest> rests_;
  std::map<int, std::pair<const data::Thing*, std::size_t>> known_;  // Id: thing, latest rest.
  std::vector<Walker> walkers_;
  std::vector<StageChange> changes_;

  std::string cached_{};  // Which rests stand in cache_.
  data::Image cache_{};
  data::Image scratch_{};
};

}  // namespace stillwatch::clips
