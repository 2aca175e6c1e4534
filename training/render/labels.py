"""Printed labels of forms from many walks of life, each with the kind of value that stands beside it."""

from functools import cache
from hashlib import sha256

from training.render.page import Split

BY_KIND: dict[str, str] = {
    "person": """Applicant|Full Name|Name of Patient|Patient|Contact Person|Emergency Contact|Next of Kin|Parent or Guardian|Father's Name|Mother's Name|Name of Child|Name of Student|Student|
        Teacher|Class Teacher|Headteacher|Attending Physician|Family Doctor|Referring Doctor|Surgeon|Consultant|Nurse in Charge|Manager|Line Manager|Supervisor|Employee|Employee Name|
        Approved by|Requested by|Prepared by|Checked by|Reviewed by|Received by|Issued to|Driver|Name of Driver|Insured Person|Policyholder|Beneficiary|Claimant|Witness|Witness Name|Tenant|Landlord|
        Owner|Registered Keeper|Name of Spouse|Maiden Name|Previous Name|Case Worker|Case Officer|Inspector|Technician|Project Lead|Sales Rep|Account Manager|Buyer Name|Consignee|Shipper|Carrier Contact|Trainer|Auditor|Responsible Person""",
    "company": """Company|Employer|Name of Employer|Previous Employer|Organisation|Business Name|Trading Name|Insurance Company|Insurer|Health Insurance|Carrier|Freight Forwarder|Supplier|Manufacturer|
        Contractor|Subcontractor|Client|School|Name of School|University|Hospital|Clinic|Pharmacy|Laboratory|Authority|Issuing Authority|Department|Agency|Broker|Bank Name|Garage|Repair Shop|Dealer|Importer|Sponsor""",
    "date": """Date|Date of Issue|Date of Expiry|Valid until|Valid from|Date of Admission|Date of Discharge|Date of Visit|Next Appointment|Date of Accident|Date of Loss|Date of Incident|Date Reported|Start Date|End Date|
        First Day of Absence|Return to Work|Date of Hire|Last Working Day|Date of Application|Date Received|Delivery Date|Ship Date|Loading Date|Arrival Date|Departure Date|Check-in|Check-out|Date of Purchase|
        Warranty until|Date of Entry|Date of Test|Sample Date|Date of Vaccination|Date of Inspection|Next Inspection|Policy Start|Policy End|Date of Marriage|Exam Date|Term Begins|Enrolment Date|Date Signed|Due back|Effective Date""",
    "id": """Policy Number|Policy No.|Claim Number|Claim No.|Case Number|File Number|Patient ID|Patient No.|Hospital No.|Insurance Number|National Insurance No.|Social Security No.|Personal No.|Employee ID|Staff No.|
        Payroll No.|Passport No.|ID Card No.|Driving Licence No.|Licence Number|Registration No.|Vehicle Registration|Chassis No.|VIN|Engine No.|Serial Number|Batch No.|Lot No.|Article No.|Part Number|Item Code|
        Order Number|Job Number|Work Order|Ticket Number|Tracking Number|Consignment No.|Waybill No.|Bill of Lading|Container No.|Seal No.|Booking Reference|Reservation No.|Student ID|Matriculation No.|Class Code|
        Course Code|Permit No.|Certificate No.|Contract No.|Customer No.|Account No.|Member No.|Membership No.|Meter Number|Project Code|Cost Centre|Budget Code|Tax Number|Reference|Application No.|Room Key No.|Asset Tag|Prescription No.|Specimen No.|Referral No.""",
    "money": """Amount|Amount Claimed|Monthly Salary|Annual Salary|Gross Salary|Net Pay|Hourly Rate|Overtime Pay|Deposit|Rent|Monthly Rent|Fee|Application Fee|Tuition Fee|Premium|Annual Premium|Excess|Deductible|
        Sum Insured|Purchase Price|Declared Value|Estimated Cost|Repair Cost|Budget|Advance Paid|Balance|Reimbursement|Travel Costs|Hotel Costs|Mileage Allowance|Annual Income|Household Income|Total Cost|Donation|Refund""",
    "number": """Quantity|No. of Packages|Number of Pieces|No. of Children|Number of Dependants|Number of Guests|No. of Pallets|Hours Worked|Overtime Hours|Days Absent|Leave Days|Days Remaining|Odometer|Mileage|
        Page Count|Copies|Age|Grade|Credits|Room|Room No.|Ward|Bed|Floor|Gate|Seat|Platform|Shift|Class|Year|Number of Employees|Meter Reading|Score|Points|No. of Doses|Number of Nights""",
    "measure": """Weight|Gross Weight|Net Weight|Height|Width|Length|Volume|Temperature|Body Temperature|Blood Pressure|Pulse|Heart Rate|Blood Sugar|Dose|Dosage|Distance|Speed|Power|Voltage|Area|Living Area|Capacity|Load|
        Oxygen Saturation|Body Weight|Engine Size|Fuel Level""",
    "phone": """Phone|Telephone|Mobile|Mobile Phone|Home Phone|Work Phone|Fax|Emergency Phone|Daytime Telephone|Contact Number|Phone of Guardian|Office Phone|Helpline""",
    "email": """Email|E-mail|Email Address|Contact Email|Work Email|Private Email|Email of Parent""",
    "street": """Street|Address|Home Address|Street and No.|Delivery Address|Billing Address|Work Address|Place of Accident|Property Address|Pick-up Address|Location|Site|Registered Office""",
    "city": """City|Town|Place of Birth|Place of Issue|Port of Loading|Port of Discharge|Place of Delivery|Birthplace|Destination|Origin|From|To|Branch|Office|Station|Airport|Workplace|Place of Work|Home Town""",
    "postal": """Postcode|ZIP Code|Postal Code|ZIP""",
    "country": """Country|Nationality|Citizenship|Country of Birth|Country of Origin|Country of Residence|Issuing Country|Language|Mother Tongue|First Language""",
    "choice": """Sex|Gender|Marital Status|Title|Blood Group|Religion|Employment Status|Status|Priority|Type of Leave|Reason|Type of Claim|Vehicle Type|Licence Class|Payment Method|Payment Terms|Incoterms|
        Mode of Transport|Smoker|Allergies|Insurance Type|Coverage|Relationship|Degree|Field of Study|Result|Condition|Colour|Size|Model|Make|Fuel|Shipping Method|Tax Class|Category|Approved|Resident|Disability|Contract Type|Working Time|Diet|Severity|Department Code""",
    "job": """Occupation|Job Title|Position|Profession|Role|Qualification|Trade|Rank|Diagnosis|Treatment|Medication|Course|Subject Area|Product|Description of Goods|Commodity|Equipment|Item|Material|Service|Nature of Injury|Purpose of Visit|Purpose of Trip""",
    "time": """Time|Time of Arrival|Time of Departure|Appointment Time|Time of Accident|Start Time|End Time|Pick-up Time|Opening Hours|Time In|Time Out|Time of Birth|Arrival|Departure""",
}  # fmt: skip
HELD_OUT_EVERY = 8


@cache
def form_labels(split: Split) -> tuple[tuple[str, str], ...]:
    """Labels with the kind of their values; one in eight is kept from training."""
    every = [(label.strip(), kind) for kind, text in BY_KIND.items() for label in text.split("|")]
    first = dict(reversed(every))
    chosen = [(label, kind) for label, kind in first.items() if split is Split.HELD_OUT or sha256(label.encode()).digest()[1] % HELD_OUT_EVERY]
    return tuple(chosen)
