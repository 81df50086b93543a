// Dialogs that outlive the process: a leg's state as text, and a leg made of it again.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static nta_leg_t *nta(csip_leg *leg) { return (nta_leg_t *)leg; }

char *csip_leg_target(csip_leg *leg) {
    sip_route_t const *route = NULL;
    sip_contact_t const *target = NULL;
    nta_leg_get_route(nta(leg), &route, &target);
    if (target == NULL) return NULL;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    char const *url = url_as_string(home, target->m_url);
    char *text = NULL;
    if (url != NULL && asprintf(&text, "<%s>", url) < 0) text = NULL;
    su_home_deinit(home);
    return text;
}

char *csip_leg_routes(csip_leg *leg) {
    sip_route_t const *route = NULL;
    sip_contact_t const *target = NULL;
    nta_leg_get_route(nta(leg), &route, &target);
    if (route == NULL) return NULL;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    char *text = NULL;
    for (; route != NULL; route = route->r_next) {
        char const *url = url_as_string(home, route->r_url);
        char *longer = NULL;
        if (url == NULL || asprintf(&longer, "%s%s<%s>", text != NULL ? text : "", text != NULL ? ", " : "", url) < 0)
            longer = NULL;
        free(text);
        text = longer;
        if (text == NULL) break;
    }
    su_home_deinit(home);
    return text;
}

uint32_t csip_leg_local_cseq(csip_leg *leg) { return nta_leg_get_seq(nta(leg)); }

uint32_t csip_leg_remote_cseq(csip_leg *leg) { return nta_leg_get_rseq(nta(leg)); }

csip_leg *csip_leg_restore(csip_agent *agent, uint64_t id, const csip_dialog *dialog) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    sip_cseq_t cseq[1];
    sip_cseq_init(cseq);
    cseq->cs_seq = dialog->local_cseq;
    nta_leg_t *leg = nta_leg_tcreate(
        agent->nta, csip_on_request, csip_magic(id), SIPTAG_CALL_ID_STR(dialog->call_id),
        SIPTAG_FROM_STR(dialog->from), SIPTAG_TO_STR(dialog->to), SIPTAG_CSEQ(cseq),
        NTATAG_REMOTE_CSEQ(dialog->remote_cseq), TAG_END());
    if (leg != NULL) {
        // In the order in which they are sent, which is how a called party takes a Record-Route (RFC 3261 §12.1.1).
        sip_record_route_t *routes = dialog->routes != NULL ? sip_record_route_make(home, dialog->routes) : NULL;
        sip_contact_t *target = dialog->target != NULL ? sip_contact_make(home, dialog->target) : NULL;
        if ((dialog->routes != NULL && routes == NULL) || target == NULL) {
            nta_leg_destroy(leg);
            leg = NULL;
        } else {
            nta_leg_server_route(leg, routes, target);
        }
    }
    su_home_deinit(home);
    return (csip_leg *)leg;
}
