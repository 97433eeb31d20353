//! What other libraries answer, as our problems.

use axum::{
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::StatusCode,
};
use lottery_client::{ClientError, enter::EnterError};
use lottery_interface::LotteryError;
use lottery_rules::picks::PicksError;

use super::ApiError;

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // A row that does not decode is a fault of ours; waiting does not help.
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
                Self::Internal(error.into())
            }
            _ => Self::Storage(error),
        }
    }
}

impl From<ClientError> for ApiError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Program { error, .. } => {
                Self::program(error, format!("{}: build the transaction again", error.message()))
            }
            ClientError::Enter(error) => error.into(),
            ClientError::NotFound { what, address } => {
                Self::NotFound(format!("there is no {} at {address}", what.to_lowercase()))
            }
            ClientError::InsufficientFunds { message } => Self::program(
                LotteryError::InsufficientBalance,
                format!("the signer cannot pay for this ({message}): add funds and build it again"),
            ),
            ClientError::Rpc { .. } | ClientError::Unconfirmed { .. } => Self::Chain(error.into()),
            ClientError::Decode { .. } => Self::Internal(error.into()),
            ClientError::RpcRefused { .. }
            | ClientError::Instruction { .. }
            | ClientError::Transaction(_)
            | ClientError::Expired { .. }
            | ClientError::Build(_) => {
                Self::Refused(format!("{error}: build and sign the transaction again"))
            }
        }
    }
}

impl From<EnterError> for ApiError {
    fn from(error: EnterError) -> Self {
        let code = match &error {
            EnterError::TicketCount(_) => LotteryError::TicketCount,
            EnterError::Numbers { reason, .. } => match reason {
                PicksError::WrongCount => LotteryError::TicketLength,
                PicksError::OutOfRange => LotteryError::NumberOutOfRange,
                PicksError::Unsorted => LotteryError::NumbersUnsorted,
                PicksError::Repeated => LotteryError::NumbersRepeated,
            },
            EnterError::Bonus { .. } | EnterError::NoBonusDrum { .. } => LotteryError::BonusOutOfRange,
            EnterError::NoNumbers { .. } | EnterError::NoOutcomes { .. } | EnterError::OnlyOutcome { .. } => {
                LotteryError::TicketLength
            }
            EnterError::NoQuickPicks => LotteryError::NoQuickPicks,
            EnterError::OutcomeMissing { .. } | EnterError::OutcomeUnknown { .. } => {
                LotteryError::OutcomeUnknown
            }
            EnterError::StakeMissing { .. }
            | EnterError::StakeOutOfRange { .. }
            | EnterError::StakeFixed { .. } => LotteryError::StakeOutOfRange,
            EnterError::SpotsNotOffered { .. } | EnterError::NoSpots => LotteryError::SpotsNotOffered,
            EnterError::PrizeAboveShare { .. } => LotteryError::LiabilityAboveShare,
            EnterError::PrizesAbovePage { .. } => LotteryError::BudgetExceeded,
            EnterError::UnknownKind(_) => LotteryError::KindNotSupported,
            EnterError::NotActive(_) => LotteryError::WrongStatus,
            EnterError::NoOpenRound(_) => LotteryError::RoundLocked,
            EnterError::NoRoom { .. } => LotteryError::PageFull,
            EnterError::DepositFirst { .. } | EnterError::TooPoor { .. } => LotteryError::InsufficientBalance,
            EnterError::NoSession => LotteryError::Unauthorized,
            EnterError::SessionExpired { .. } => LotteryError::SessionExpired,
            EnterError::SessionForeign(_) => LotteryError::SessionForeign,
            EnterError::SessionOverspent { .. } => LotteryError::SessionOverspent,
            EnterError::Overflow => LotteryError::MathOverflow,
            EnterError::Raffle(error) => error.code(),
        };
        Self::program(code, error.to_string())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let detail = rejection.body_text();
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge(detail),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::UnsupportedMediaType("send the header `content-type: application/json`".into())
            }
            _ => Self::Malformed(detail),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Malformed(rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::Malformed(rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_refuses_has_the_programs_code() {
        let numbers = |reason| EnterError::Numbers { ticket: 1, reason, picks: 6, numbers: 49 };
        for (error, code) in [
            (EnterError::TicketCount(21), LotteryError::TicketCount),
            (numbers(PicksError::OutOfRange), LotteryError::NumberOutOfRange),
            (numbers(PicksError::Repeated), LotteryError::NumbersRepeated),
            (EnterError::NoOpenRound(1), LotteryError::RoundLocked),
            (EnterError::NoQuickPicks, LotteryError::NoQuickPicks),
            (EnterError::OutcomeMissing { ticket: 1, outcomes: 2 }, LotteryError::OutcomeUnknown),
        ] {
            let problem = ApiError::from(ClientError::Enter(error)).problem();
            assert_eq!((problem.status, problem.code), (422, Some(code.code())));
        }
    }

    #[test]
    fn a_silent_cluster_is_a_bad_gateway() {
        let problem = ApiError::from(ClientError::Rpc { message: "refused".into() }).problem();
        assert_eq!((problem.status, problem.kind), (502, "urn:lottery:problem:chain-unavailable"));
    }
}
