// Light-weight tunnels in route messages: RTA_ENCAP_TYPE and RTA_ENCAP.
#pragma once

#include "privd/broker/message_writer.h"
#include "privd/broker/route.h"

namespace holdfast::privd {

// Nothing where there is no tunnel.
void putTunnel(const Tunnel& tunnel, MessageWriter& message);

}  // namespace holdfast::privd
