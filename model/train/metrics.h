// Figures of merit of verdicts and captions, and the fit of their temperatures.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// Probability that a positive scores above a negative (ties count half); 0.5 if one side is empty.
double AreaUnderCurve(std::span<const float> scores, const std::vector<bool>& positive);

// Expected calibration error of "probability that it is positive", ten equal bins.
double CalibrationError(std::span<const double> probabilities, const std::vector<bool>& positive);

// The temperature 0.05..20 that makes sigmoid(logit / temperature) likeliest; 1 without data.
double FitBinaryTemperature(std::span<const float> logits, const std::vector<bool>& positive);

// The same for softmax(logits / temperature); `logits` holds `classes` numbers per row.
double FitClassTemperature(std::span<const float> logits, int classes, std::span<const int> truth);

// F1 of the words two texts share (lower case, punctuation left out); 1 if both are empty.
double WordF1(std::string_view a, std::string_view b);

}  // namespace stillwatch::model
