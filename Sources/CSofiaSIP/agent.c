#include "CSofiaSIP.h"
#include <sofia-sip/nta.h>
int csip_placeholder(void) { return nta_version[0]; }
