// The properties of zmqeventsink, mapped to SinkSettings.

#pragma once

#include <chrono>
#include <string>

#include <gst/gst.h>

#include "plugins/zmqeventsink/event_outbox.h"

namespace stillwatch::gst {

struct SinkSettings {
  std::string endpoint = "tcp://127.0.0.1:5561";
  std::string camera{};                            // Empty: the pair's.
  std::chrono::milliseconds ack_timeout{5000};     // As bus::SenderOptions::timeout.
  std::chrono::milliseconds drain_timeout{10000};  // At the end of the stream.  A guess.
  OutboxPolicy outbox{};
};

// C calls only: fit for a class_init.
void InstallSinkProperties(GObjectClass* object_class);

// False: no such property.  The caller holds the lock of what it passes.
bool SetSinkProperty(SinkSettings& settings, guint id, const GValue* value);
bool GetSinkProperty(const SinkSettings& settings, const EventOutbox::Stats& stats, guint id,
                     GValue* value);

}  // namespace stillwatch::gst
