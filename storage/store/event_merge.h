// Event merge: what the store says of an event after one more message.  Pure.

#pragma once

#include <string>

#include "pipeline/core/caption_update.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::store {

// kInvalidArgument names what can never be stored: no ULID, no camera, numbers that are not finite
// or out of range, texts or lists beyond the limits of the wire.
Status CheckEvent(const ChangeEvent& event);
Status CheckCaption(const CaptionUpdate& update);

// True if the message closes an event.  Pictures of such a message are not kept: the event goes on
// showing the change, not the scene without it.
bool IsClosing(EventType type);

// The event after `next`, a message of its camera:
//  - a closing message changes type, state and time, and the caption if it brings one; pictures,
//    moments, regions and kind stay those of the change;
//  - any other replaces everything, but an empty caption leaves the one there, and a closed event
//    stays closed.
ChangeEvent Merge(const ChangeEvent& known, const ChangeEvent& next);

// The event after the captioner's word; its type is change.updated.
ChangeEvent Merge(const ChangeEvent& known, const CaptionUpdate& update);

// True if the update says nothing new.
bool Says(const ChangeEvent& known, const CaptionUpdate& update);

// The same text for the same message, so that a redelivered one is recognised.  An event has one
// detection, one resolution and one acceptance, whatever their details after a restart; updates
// are told apart by their content.
std::string IdentityOf(const ChangeEvent& message);

}  // namespace stillwatch::store
