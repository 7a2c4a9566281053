"""FIX 4.4's numbers by name: the tags, message types and values that we speak. No rules here."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Tag(IntEnum):
    """Field numbers."""

    ACCOUNT = 1
    AVERAGE_PRICE = 6
    BEGIN_SEQ_NO = 7
    BEGIN_STRING = 8
    CL_ORD_ID = 11
    CUM_QTY = 14
    END_SEQ_NO = 16
    EXEC_ID = 17
    EXEC_REF_ID = 19
    LAST_PRICE = 31
    LAST_QTY = 32
    MSG_SEQ_NUM = 34
    MSG_TYPE = 35
    NEW_SEQ_NO = 36
    ORDER_ID = 37
    ORDER_QTY = 38
    ORD_STATUS = 39
    ORD_TYPE = 40
    ORIG_CL_ORD_ID = 41
    POSS_DUP = 43
    PRICE = 44
    REF_SEQ_NUM = 45
    SENDER_COMP_ID = 49
    SENDING_TIME = 52
    SIDE = 54
    SYMBOL = 55
    TARGET_COMP_ID = 56
    TEXT = 58
    TIME_IN_FORCE = 59
    TRANSACT_TIME = 60
    ENCRYPT_METHOD = 98
    CXL_REJ_REASON = 102
    ORD_REJ_REASON = 103
    HEARTBEAT_S = 108
    TEST_REQ_ID = 112
    ORIG_SENDING_TIME = 122
    GAP_FILL = 123
    RESET_SEQ_NUM = 141
    ENTRIES_RELATED_SYM = 146
    EXEC_TYPE = 150
    LEAVES_QTY = 151
    MD_REQ_ID = 262
    SUBSCRIPTION = 263
    MARKET_DEPTH = 264
    MD_UPDATE_TYPE = 265
    ENTRIES_MD_TYPES = 267
    ENTRIES_MD = 268
    MD_ENTRY_TYPE = 269
    MD_ENTRY_PRICE = 270
    MD_ENTRY_SIZE = 271
    MD_ENTRY_ID = 278
    MD_UPDATE_ACTION = 279
    MD_REQ_REJ_REASON = 281
    REF_TAG = 371
    REF_MSG_TYPE = 372
    SESSION_REJECT_REASON = 373
    BUSINESS_REJECT_REASON = 380
    CXL_REJ_RESPONSE_TO = 434
    USERNAME = 553
    PASSWORD = 554
    ACCOUNT_TYPE = 581
    MASS_STATUS_REQ_ID = 584
    MASS_STATUS_REQ_TYPE = 585
    ENTRIES_POSITIONS = 702
    POS_TYPE = 703
    LONG_QTY = 704
    SHORT_QTY = 705
    POS_REQ_ID = 710
    BUSINESS_DATE = 715
    POS_MAINT_RPT_ID = 721
    POS_REQ_TYPE = 724
    TOTAL_POS_REPORTS = 727
    POS_REQ_RESULT = 728
    SETTLE_PRICE = 730


class MsgType(StrEnum):
    """Message types."""

    HEARTBEAT = "0"
    TEST_REQUEST = "1"
    RESEND_REQUEST = "2"
    REJECT = "3"
    SEQUENCE_RESET = "4"
    LOGOUT = "5"
    EXECUTION_REPORT = "8"
    CANCEL_REJECT = "9"
    LOGON = "A"
    NEW_ORDER = "D"
    CANCEL = "F"
    REPLACE = "G"
    ORDER_STATUS = "H"
    MASS_STATUS = "AF"
    POSITIONS_REQUEST = "AN"
    POSITIONS_ACK = "AO"
    POSITION_REPORT = "AP"
    QUOTES_REQUEST = "V"
    QUOTES_SNAPSHOT = "W"
    QUOTES_INCREMENT = "X"
    QUOTES_REJECT = "Y"
    BUSINESS_REJECT = "j"


class RejectReason(IntEnum):
    """SessionRejectReason (373)."""

    MISSING_TAG = 1
    WITHOUT_VALUE = 4
    VALUE = 5
    FORMAT = 6
    COMP_ID = 9
    SENDING_TIME = 10


UNSUPPORTED_TYPE = "3"
"""BusinessRejectReason (380): this message type is not spoken here."""

UNKNOWN_ORDER = "5"
"""OrdRejReason (103): the LP never had this order."""
