// Candidates: connected places where the present differs from the reference.

#pragma once

#include <vector>

#include "pipeline/select/image.h"

namespace stillwatch::select {

struct Box {
  int x = 0, y = 0, w = 0, h = 0;  // Working pixels.
  int Area() const { return w * h; }
};

double Iou(const Box& a, const Box& b);
Box Union(const Box& a, const Box& b);
// Grown by `px` on every side, within a picture of that size.
Box Grown(const Box& box, int px, int width, int height);
// Pixels between the nearest edges of the two; 0 where they touch or overlap.
int Gap(const Box& a, const Box& b);

struct Candidate {
  Box box;
  Image mask;          // 8 bit, of the box's size: 255 belongs to the candidate.
  int area = 0;        // Pixels of a score of 1 or more.
  double settled = 0;  // Part of the area, 0..1, that has been still for the settle time.
  double age_s = 0;    // How long its younger tenth has been still.
  double score = 0;    // Mean score of its pixels.
};

// Joins what lies within `join_px`, over two thresholds: a candidate must somewhere reach a score
// of 1 and extends as far as kLowScore.  Largest first, at most 64.
std::vector<Candidate> FindCandidates(const Image& score, const Image& age_s, double settle_s,
                                      int join_px);

}  // namespace stillwatch::select
