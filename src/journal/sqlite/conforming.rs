//! The conformance suite over SQLite: every behaviour stands in this list.

use std::path::Path;
use std::sync::Arc;

use super::{Settings, SqliteJournal};
use crate::journal::Journal;
use crate::journal::conformance::conforms;

fn open(folder: &Path) -> Arc<dyn Journal> {
    Arc::new(SqliteJournal::open(&folder.join("journal.db"), Settings::default()).unwrap())
}

conforms! { open =>
    accepting::{
        bodies_come_back_byte_for_byte,
        the_same_bytes_are_a_repeat_only_of_the_same_source,
        repeats_that_arrive_together_are_stored_once,
        a_repeat_is_known_after_a_restart_and_after_its_decision,
        events_keep_the_order_in_which_they_were_accepted,
        an_event_is_found_by_its_id_alone,
        those_who_wait_for_events_are_woken,
    }
    deciding::{
        a_decision_survives_a_restart_and_is_not_asked_for_again,
        decisions_out_of_order_are_refused_whole,
        a_brief_comes_back_as_it_was_given,
        what_waits_is_listed_by_sink_and_lane_in_order,
        what_was_only_planned_is_recorded_and_never_waits,
        an_events_fate_is_told,
        deliveries_can_be_added_to_a_decided_event,
    }
    settling::{
        a_delivered_one_waits_no_more,
        one_to_be_tried_again_keeps_its_place_due_and_progress,
        a_long_history_keeps_its_beginning_and_its_end,
        a_dead_one_says_why,
        a_cancelled_one_stays_cancelled_unless_the_far_side_took_it,
        an_attempt_told_twice_counts_once,
        a_settlement_of_what_is_gone_is_no_error,
        the_backlog_is_counted_by_sink_also_after_a_restart,
        a_sinks_trouble_is_remembered_until_it_is_over,
    }
    people::{
        events_are_listed_newest_first_and_by_pages,
        events_are_found_by_what_was_read_from_them,
        deliveries_are_found_by_sink_state_event_and_id,
        a_retry_puts_dead_ones_back_with_their_history,
        only_what_is_dead_is_put_back,
        all_that_match_are_put_back_however_many,
        an_acknowledged_one_is_seen_once,
        a_replay_is_a_new_event_with_the_same_bytes,
    }
    remembering::{
        memory_is_put_changed_forgotten_and_survives_a_restart,
        names_may_hold_anything_and_be_long,
        memory_is_listed_by_how_names_begin,
        a_decision_and_its_memory_are_kept_together_or_not_at_all,
        an_event_of_the_bridges_own_is_stored_once_and_to_be_decided,
        an_account_is_kept_with_its_event_and_goes_with_it,
        ended_incidents_are_listed_newest_first,
        silences_are_stored_replaced_and_told_to_who_decides,
    }
    answering_model::{
        random_recoveries_agree_with_a_simple_model,
    }
    answering::{
        a_recovery_is_held_until_what_it_answers_was_delivered,
        a_recovery_of_what_was_delivered_already_waits_at_once,
        nobody_hears_of_the_end_of_what_they_were_never_told,
        what_may_have_arrived_is_answered,
        one_that_still_waits_and_its_recovery_become_one_message,
        nobody_hears_of_a_failure_after_its_end,
        one_that_tells_of_more_is_not_superseded_but_waited_for,
        all_deliveries_of_a_duty_are_waited_for,
        a_person_may_cancel_either_of_both,
        a_dead_one_that_arrives_after_all_is_answered_after_all,
        what_was_told_is_answered_also_after_retention_took_it,
        retention_keeps_what_is_held,
        in_shadow_recoveries_are_only_recorded,
    }
    holding::{
        what_is_opened_is_kept_with_its_attempt_also_a_failed_one,
        one_that_is_gone_or_closed_is_opened_anew,
        what_had_begun_is_forgotten_where_a_thing_begins_or_ends,
        a_recovery_is_owed_where_a_thing_is_open_though_the_failure_died,
        an_attempt_told_twice_opens_nothing_again,
        things_of_incidents_are_told_apart,
        a_recovery_is_kept_as_long_as_its_failure_can_be_put_back,
    }
    keeping::{
        retention_takes_the_old_and_done_and_nothing_else,
        retention_goes_past_what_it_must_keep,
        sequences_and_ids_never_come_again_after_retention,
        what_ended_long_ago_is_forgotten,
        a_backup_under_writes_is_whole,
        a_backup_never_overwrites,
        a_closed_journal_says_so,
        figures_count_what_is_there,
    }
    against_model::{
        random_sequences_of_verbs_agree_with_a_simple_model,
    }
}
